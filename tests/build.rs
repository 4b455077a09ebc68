//! Compiles every `bpf-src/*.bpf.c` to `OUT_DIR/NAME.bpf.o`, and hands the compiler and
//! its flags on to `src/objects.rs`, which compiles more at test time. Also generates
//! libbpf-cargo's skeleton of one final object, `OUT_DIR/subskel.skel.rs`.
//!
//! The benchmarks' objects are compiled here too, half a second for all.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use libbpf_cargo::SkeletonBuilder;
use libbpf_rs::Linker;

/// Compilers by preference, where `CLANG` does not name one.
const CLANGS: [&str; 8] = [
    "clang-22", "clang-21", "clang-20", "clang-19", "clang-18", "clang-17", "clang-16", "clang",
];

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            println!("cargo::error={problem}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let sources = Path::new(&var("CARGO_MANIFEST_DIR")?).join("../bpf-src");
    let out = PathBuf::from(var("OUT_DIR")?);
    let clang = clang()?;
    let flags = flags(&sources)?;

    // A directory is watched with all that is in it: sources come and go.
    println!("cargo::rerun-if-changed=../bpf-src");
    println!("cargo::rustc-env=BPF_CLANG={clang}");
    println!("cargo::rustc-env=BPF_CFLAGS={}", flags.join("\u{1f}"));

    remove_compiled(&out).map_err(|e| format!("{}: {e}", out.display()))?;
    let entries = fs::read_dir(&sources).map_err(|e| format!("{}: {e}", sources.display()))?;
    for entry in entries {
        let source = entry
            .map_err(|e| format!("{}: {e}", sources.display()))?
            .path();
        let Some(name) = source.file_name().and_then(|n| n.to_str()) else {
            continue;
        };
        if let Some(stem) = name.strip_suffix(".bpf.c") {
            compile(&clang, &flags, &source, &out.join(format!("{stem}.bpf.o")))?;
        }
    }

    for (source, name) in [
        ("access", "access"),
        ("cpus", "benched_cpus"),
        ("maps", "benched_maps"),
    ] {
        let source = format!("benches/{source}.bpf.c");
        println!("cargo::rerun-if-changed={source}");
        let object = out.join(format!("{name}.bpf.o"));
        compile(&clang, &flags, source.as_ref(), &object)?;
    }
    let counts = [10, 100, 128, 1_000, 3_000, 10_000];
    let many = counts.map(|variables| (format!("many_{variables}"), many(variables)));
    let kinds = [
        ("many_kinds", many_kinds()),
        ("many_in_arena", many_in_arena()),
    ];
    let kinds = kinds.map(|(name, text)| (name.to_owned(), text));
    for (name, text) in many.into_iter().chain(kinds) {
        let source = out.join(format!("{name}.bpf.c"));
        fs::write(&source, text).map_err(|e| format!("{}: {e}", source.display()))?;
        compile(&clang, &flags, &source, &out.join(format!("{name}.bpf.o")))?;
    }
    skeleton(&out)
}

/// Removes what tests compiled with the compiler, flags and headers of before: see `src/objects.rs`.
fn remove_compiled(out: &Path) -> io::Result<()> {
    for entry in fs::read_dir(out)? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(".compiled.bpf.o") {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// The skeleton of an application that has two libraries linked in, as an application's own build
/// script makes it.
fn skeleton(out: &Path) -> Result<(), String> {
    let [lib, lib2, app] = ["subskel_lib", "subskel_lib2", "subskel_app"]
        .map(|name| out.join(format!("{name}.bpf.o")));
    // Twice: after one pass a weak variable that a strong one overrides still has the weak one's
    // offset in BTF.
    let once = out.join("subskel.once.bpf.o");
    let twice = out.join("subskel.twice.bpf.o");
    link(&once, &[&lib, &app, &lib2])?;
    link(&twice, &[&once])?;
    SkeletonBuilder::new()
        .obj(&twice)
        .generate(out.join("subskel.skel.rs"))
        .map_err(|e| format!("a skeleton of {}: {e:#}", twice.display()))
}

fn link(output: &Path, inputs: &[&Path]) -> Result<(), String> {
    let linked = Linker::new(output).and_then(|mut linker| {
        for input in inputs {
            linker.add_file(input)?;
        }
        linker.link()
    });
    linked.map_err(|e| format!("linking {}: {e:#}", output.display()))
}

/// C with that many variables in `.bss`, for `benches` and `tests/kernel_many.rs`: integers, arrays, structs, arrays
/// of structs, and a struct type of its own for every hundred.
fn many(variables: usize) -> String {
    let mut source = "#include <linux/types.h>\n\
         struct point { __u32 x; __u32 y; __s64 stamp; };\n"
        .to_owned();
    for i in 0..variables {
        let group = i / 100;
        if i % 100 == 0 {
            let members = "__u64 packets; __u64 bytes; __u32 errors[2];";
            source += &format!("struct stats_{group} {{ {members} }};\n");
        }
        source += &match i % 8 {
            0 => format!("__u64 v{i:05};\n"),
            1 => format!("__u32 v{i:05};\n"),
            2 => format!("__u64 v{i:05}[4];\n"),
            3 => format!("struct stats_{group} v{i:05};\n"),
            4 => format!("__s64 v{i:05};\n"),
            5 => format!("__u16 v{i:05};\n"),
            6 => format!("struct point v{i:05};\n"),
            _ => format!("struct point v{i:05}[3];\n"),
        };
    }
    source
}

/// C with 300 variables each of a struct that is longer with `LONGER`, of constants, and of what other objects define; for
/// `tests/kernel_many.rs`.
fn many_kinds() -> String {
    let mut source = "#include <linux/types.h>\n\
         #ifdef LONGER\n\
         struct item { __u32 id; __u32 later; };\n\
         #else\n\
         struct item { __u32 id; };\n\
         #endif\n"
        .to_owned();
    for i in 0..300 {
        let next = i + 1;
        source += &match i % 2 {
            0 => format!("struct item d{i:03} = {{ {i} }};\nextern __u32 e{i:03}[];\n"),
            _ => format!(
                "struct item d{i:03}[2] = {{ {{ {i} }}, {{ {next} }} }};\nextern __u64 e{i:03};\n"
            ),
        };
        source += &format!("const volatile __u32 r{i:03} = {next};\n");
        // A declaration that nothing uses is not in BTF.
        let used = if i % 2 == 0 { "[0]" } else { "" };
        source += &format!("__u64 use_{i:03}(void) {{ return e{i:03}{used}; }}\n");
    }
    source += "const volatile char r_name[8] = \"tasks\";\n";
    source
}

/// C with 300 variables in an arena, for `tests/kernel_many_arena.rs`.
fn many_in_arena() -> String {
    let mut source = "#include <linux/bpf.h>\n\
         #include <bpf/bpf_helpers.h>\n\
         #include \"arena.h\"\n\
         struct {\n\
         __uint(type, ARENA);\n\
         __uint(map_flags, BPF_F_MMAPABLE);\n\
         __uint(max_entries, 10);\n\
         } arena SEC(\".maps\");\n"
        .to_owned();
    for i in 0..300 {
        let next = i + 1;
        source += &match i % 2 {
            0 => format!("__u64 __arena_global a{i:03} = {next};\n"),
            _ => format!("__u32 __arena_global a{i:03}[2] = {{ 0, {next} }};\n"),
        };
    }
    source += "char __arena_global a_name[8] = \"tasks\";\n";
    source
}

/// `CLANG`, else the newest one there is.
fn clang() -> Result<String, String> {
    println!("cargo::rerun-if-env-changed=CLANG");
    let runs = |clang: &str| {
        Command::new(clang)
            .arg("--version")
            .output()
            .is_ok_and(|o| o.status.success())
    };

    match env::var("CLANG").ok().filter(|clang| !clang.is_empty()) {
        Some(named) if runs(&named) => Ok(named),
        Some(named) => Err(format!(
            "CLANG={named} does not run: set it to a clang that knows the BPF target"
        )),
        None => CLANGS
            .into_iter()
            .find(|clang| runs(clang))
            .map(str::to_owned)
            .ok_or_else(|| "no clang: run `make setup` or set CLANG".to_owned()),
    }
}

fn flags(sources: &Path) -> Result<Vec<String>, String> {
    let arch = var("CARGO_CFG_TARGET_ARCH")?;
    let endian = match var("CARGO_CFG_TARGET_ENDIAN")?.as_str() {
        "big" => "bpfeb",
        _ => "bpfel",
    };
    // The name the kernel's tree has for it, as <bpf/bpf_tracing.h> wants it.
    let kernel_arch = match arch.as_str() {
        "x86_64" => "x86",
        "aarch64" => "arm64",
        "riscv64" => "riscv",
        "s390x" => "s390",
        "powerpc64" => "powerpc",
        "loongarch64" => "loongarch",
        other => other,
    };
    Ok(vec![
        format!("--target={endian}"),
        "-g".into(),
        "-O2".into(),
        "-Wall".into(),
        "-Werror".into(),
        format!("-D__TARGET_ARCH_{kernel_arch}"),
        format!("-I{}", sources.display()),
        // libbpf's headers, as libbpf-sys installs the ones of the libbpf it builds.
        format!("-isystem{}", var("DEP_BPF_INCLUDE")?),
        // Debian keeps <asm/types.h> there; elsewhere the folder does not exist.
        format!("-isystem/usr/include/{arch}-linux-gnu"),
    ])
}

fn compile(clang: &str, flags: &[String], source: &Path, object: &Path) -> Result<(), String> {
    let output = Command::new(clang)
        .args(flags)
        .arg("-c")
        .arg(source)
        .arg("-o")
        .arg(object)
        .output()
        .map_err(|e| format!("{clang}: {e}"))?;
    if output.status.success() {
        return Ok(());
    }
    eprintln!("{}", String::from_utf8_lossy(&output.stderr));
    Err(format!("{clang} could not compile {}", source.display()))
}

fn var(name: &str) -> Result<String, String> {
    env::var(name).map_err(|e| format!("{name}: {e}"))
}
