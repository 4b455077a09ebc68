//! Writes `benches/results`, and the README's part of them, from what the benchmarks recorded. `make bench` runs it.
//!
//! Its argument is the folder with the records.

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

use bpf_subskeleton_tests::report::Run;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("report: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let records = env::args_os()
        .nth(1)
        .ok_or("which folder has the records?")?;
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let run = Run::gather(records.as_ref(), &repository)?;
    let readme = repository.join("README.md");
    let readme = fs::read_to_string(&readme).map_err(|e| format!("{}: {e}", readme.display()))?;
    for (path, text) in run.files(&readme)? {
        let file = repository.join(&path);
        let folder = file.parent().unwrap_or(&repository);
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&file, text))
            .map_err(|e| format!("{}: {e}", path.display()))?;
        println!("{} is written", path.display());
    }
    Ok(())
}
