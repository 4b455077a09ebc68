//! BPF objects for the tests: those of `bpf-src`, compiled by the build script; those a
//! test writes itself; and final objects linked from both.
//!
//! Everything lands under `OUT_DIR`, under names that follow from the content, so that
//! tests that run side by side never see each other's half-written files.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{self, Command};
use std::sync::atomic::{AtomicUsize, Ordering};

use libbpf_rs::Linker;

/// The object that the build script compiled from `bpf-src/NAME.bpf.c`.
///
/// # Panics
///
/// If there is no such source.
#[must_use]
pub fn object(name: &str) -> PathBuf {
    let path = out_dir().join(format!("{name}.bpf.o"));
    assert!(path.exists(), "there is no bpf-src/{name}.bpf.c");
    path
}

/// The objects compiled from all of `bpf-src`.
///
/// # Panics
///
/// If there are too few for that to be all.
#[must_use]
pub fn all() -> Vec<PathBuf> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../bpf-src");
    let names = fs::read_dir(sources).unwrap().map(|source| source.unwrap());
    let names = names.map(|source| source.file_name().into_string().unwrap());
    let objects = names.filter_map(|name| name.strip_suffix(".bpf.c").map(object));
    let objects: Vec<_> = objects.collect();
    assert!(objects.len() > 10, "{} objects", objects.len());
    objects
}

/// Links `inputs` in this order into a final object, and links that once more.
///
/// The second pass is for weak variables: after one pass a weak variable that a strong one
/// replaced still has the weak one's offset in BTF. It breaks another case, for which there
/// is [`link_once`]: a global that follows a static of its name in one section gets the
/// static's offset.
///
/// # Panics
///
/// If libbpf refuses to link them.
#[must_use]
pub fn link(name: &str, inputs: &[&Path]) -> PathBuf {
    let once = unique(name, "once.bpf.o");
    let twice = unique(name, "twice.bpf.o");
    run_linker(&once, inputs);
    run_linker(&twice, &[&once]);
    let _ = fs::remove_file(&once);
    keep(&twice, name, "linked.bpf.o", &hash_of(inputs))
}

/// Links `inputs` in this order in one pass, as `bpftool gen object` does.
///
/// # Panics
///
/// If libbpf refuses to link them.
#[must_use]
pub fn link_once(name: &str, inputs: &[&Path]) -> PathBuf {
    let once = unique(name, "once.bpf.o");
    run_linker(&once, inputs);
    keep(&once, name, "linked-once.bpf.o", &hash_of(inputs))
}

fn run_linker(output: &Path, inputs: &[&Path]) {
    let mut linker = Linker::new(output).expect("a new linker");
    for input in inputs {
        linker
            .add_file(input)
            .unwrap_or_else(|e| panic!("linking {}: {e}", input.display()));
    }
    linker
        .link()
        .unwrap_or_else(|e| panic!("linking {}: {e}", output.display()));
}

fn hash_of(inputs: &[&Path]) -> DefaultHasher {
    let mut hasher = DefaultHasher::new();
    for input in inputs {
        fs::read(input)
            .unwrap_or_else(|e| panic!("{}: {e}", input.display()))
            .hash(&mut hasher);
    }
    hasher
}

/// How the names of compiled objects end. The build script removes them when the compiler, its flags or a header of
/// `bpf-src` changed.
const COMPILED: &str = "compiled.bpf.o";

/// Compiles C with the compiler and flags of the build script; `bpf-src` is on its include
/// path. An object that was compiled before is used again, also in virtual machines, which have no compiler.
///
/// # Panics
///
/// If it does not compile, with what the compiler said.
#[must_use]
pub fn compile_c(name: &str, source: &str) -> PathBuf {
    compile_c_with(name, source, &[])
}

/// Compiles a version of a source that differs in a few places, as [`compile_c`] does: what comes for a text that stands
/// there once.
///
/// # Panics
///
/// If such a text does not stand there, or more than once, or the version does not compile.
#[must_use]
pub fn compile_changed(name: &str, source: &str, changes: &[(&str, &str)]) -> PathBuf {
    let mut source = source.to_owned();
    for (before, after) in changes {
        assert_eq!(source.matches(before).count(), 1, "{before}");
        source = source.replace(before, after);
    }
    compile_c(name, &source)
}

/// Compiles C as [`compile_c`] does, with more flags after the usual ones.
///
/// # Panics
///
/// If it does not compile.
#[must_use]
pub fn compile_c_with(name: &str, source: &str, flags: &[&str]) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    (source, flags).hash(&mut hasher);
    let kept = kept(name, COMPILED, &hasher);
    if kept.exists() {
        return kept;
    }
    let input = unique(name, "bpf.c");
    let output = unique(name, "bpf.o");
    fs::write(&input, source).unwrap_or_else(|e| panic!("{}: {e}", input.display()));

    let clang = Command::new(clang())
        .args(cflags())
        .args(flags)
        .arg("-c")
        .arg(&input)
        .arg("-o")
        .arg(&output)
        .output()
        .unwrap_or_else(|e| panic!("{}: {e}", env!("BPF_CLANG")));
    let _ = fs::remove_file(&input);
    assert!(
        clang.status.success(),
        "compiling {name}:\n{}",
        String::from_utf8_lossy(&clang.stderr)
    );
    keep(&output, name, COMPILED, &hasher)
}

/// The object at `path` with its bytes changed, for what no compiler or linker emits.
///
/// # Panics
///
/// If it can't be read.
#[must_use]
pub fn changed(name: &str, path: &Path, change: impl FnOnce(&mut Vec<u8>)) -> PathBuf {
    let mut bytes = fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    change(&mut bytes);
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    let output = unique(name, "bpf.o");
    fs::write(&output, bytes).unwrap_or_else(|e| panic!("{}: {e}", output.display()));
    keep(&output, name, "changed.bpf.o", &hasher)
}

/// Replaces each `from` by `to` of the same length: names are in string tables.
///
/// # Panics
///
/// If there is none, or the lengths differ.
pub fn rename(bytes: &mut [u8], from: &str, to: &str) {
    assert_eq!(from.len(), to.len());
    let mut found = false;
    for start in 0..=bytes.len().saturating_sub(from.len()) {
        let name = &mut bytes[start..start + from.len()];
        if name == from.as_bytes() {
            name.copy_from_slice(to.as_bytes());
            found = true;
        }
    }
    assert!(found, "no `{from}` in the object");
}

/// A unique name in `OUT_DIR`.
fn unique(name: &str, suffix: &str) -> PathBuf {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    out_dir().join(format!("{name}.{}.{n}.{suffix}", process::id()))
}

/// Moves a finished file to a name that follows from its content. Any other process that
/// makes the same file puts the same bytes there.
fn keep(path: &Path, name: &str, suffix: &str, content: &DefaultHasher) -> PathBuf {
    let kept = kept(name, suffix, content);
    fs::rename(path, &kept).unwrap_or_else(|e| panic!("{}: {e}", kept.display()));
    kept
}

fn kept(name: &str, suffix: &str, content: &DefaultHasher) -> PathBuf {
    out_dir().join(format!("{name}-{:016x}.{suffix}", content.finish()))
}

fn out_dir() -> &'static Path {
    Path::new(env!("OUT_DIR"))
}

/// The compiler of all objects here: a path, or a name to look up in `PATH`.
#[must_use]
pub fn clang() -> &'static str {
    env!("BPF_CLANG")
}

/// The flags of all objects here.
pub fn cflags() -> impl Iterator<Item = &'static str> {
    env!("BPF_CFLAGS").split('\u{1f}')
}
