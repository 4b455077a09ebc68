//! What the README shows is what the command says.

use std::fs;
use std::iter;
use std::path::Path;
use std::process::Command;

use bpf_subskeleton_tests::kernel;
use bpf_subskeleton_tests::objects::compile_c;

/// The blocks of code of one language.
fn blocks<'t>(markdown: &'t str, language: &'t str) -> impl Iterator<Item = String> {
    let mut lines = markdown.lines();
    let fence = format!("```{language}");
    iter::from_fn(move || {
        lines.by_ref().find(|line| *line == fence)?;
        let block = lines.by_ref().take_while(|line| *line != "```");
        Some(block.flat_map(|line| [line, "\n"]).collect())
    })
}

/// The arguments of a command as a shell would split them; the README needs no more than single quotes.
fn arguments(line: &str) -> Vec<String> {
    let mut arguments = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => arguments.push(String::new()),
            c => arguments.last_mut().unwrap().push(c),
        }
    }
    arguments
}

/// Without the numbers and names that each load has others of.
fn without_ids(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let parts: Vec<_> = line.split(": ").collect();
        match parts.as_slice() {
            [_, held] if held.starts_with("held by ") => "btf: held\n".to_owned(),
            [first, rest] if first.starts_with("    program ") => {
                format!("    program: {}\n", rest.split(", tag ").next().unwrap())
            }
            [first, rest] if first.starts_with("    map ") => format!("    map: {rest}\n"),
            [after] if after.starts_with("# after ") => "# after\n".to_owned(),
            _ => format!("{line}\n"),
        }
    });
    lines.collect()
}

#[test]
fn the_readme_shows_what_the_command_says() {
    let readme =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let source = blocks(&readme, "c").next().unwrap();
    let changed = source
        .replace("__u32 longest_ns", "__u64 longest_ns")
        .replace("const volatile", "__u64 tally_lost;\nconst volatile");
    let folder = tempfile::tempdir().unwrap();
    for (name, source) in [("tally", &source), ("tally-2", &changed)] {
        let object = folder.path().join(format!("{name}.bpf.o"));
        fs::copy(compile_c(name, source), object).unwrap();
    }
    let _object = kernel::load(kernel::open(&folder.path().join("tally.bpf.o")));

    let mut commands = 0;
    for block in blocks(&readme, "console") {
        for example in block.split("$ subskeleton ").skip(1) {
            let (line, expected) = example.split_once('\n').unwrap();
            let output = Command::new(env!("CARGO_BIN_EXE_subskeleton"))
                .args(arguments(line))
                .current_dir(folder.path())
                .output()
                .unwrap();
            let said = [output.stdout, output.stderr].concat();
            let said = String::from_utf8(said).unwrap();
            assert_eq!(without_ids(&said), without_ids(expected), "{line}");
            commands += 1;
        }
    }
    assert!(commands >= 8);
}
