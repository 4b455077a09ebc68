//! Compile errors as a user sees them: one mistake per file in `tests/ui`, stated by its name.
//!
//! `make bless` rewrites the `.stderr` files after an intended change; read the diff as a user would.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use bpf_subskeleton_tests::objects::{changed, compile_c, compile_c_with, object, rename};

/// A library of one variable.
const SMALL: &str = "unsigned long long samples;";

/// Puts the objects that the cases name where trybuild compiles them: relative paths start there.
fn lay_out_objects() {
    let folder =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join("../tests/trybuild/bpf-subskeleton-tests");
    fs::create_dir_all(&folder).unwrap();
    // Whatever lies there from before is near some name that a case gets wrong.
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "o") {
            fs::remove_file(path).unwrap();
        }
    }
    let put = |name: &str, object: PathBuf| {
        fs::copy(object, folder.join(name)).unwrap();
    };
    for name in [
        "arena",
        "obstacles",
        "selection",
        "struct_ops",
        "traits",
        "types",
        "unresolved",
    ] {
        put(&format!("{name}.bpf.o"), object(name));
    }
    put("extern_array.bpf.o", extern_array());
    put("two_sections.bpf.o", one_name_in_two_sections());
    put("x86.o", for_x86());
    put("truncated_btf.bpf.o", with_truncated_btf());
    put("no_btf.bpf.o", compile_c_with("no_btf", SMALL, &["-g0"]));
    put(
        "big_endian.bpf.o",
        compile_c_with("big_endian", SMALL, &["--target=bpfeb"]),
    );
    fs::write(folder.join("not_elf.bpf.o"), "int samples;\n").unwrap();
}

fn extern_array() -> PathBuf {
    let source = "
        struct slot { unsigned long long count; };
        extern struct slot slots[];
        extern const int limits[4];
        unsigned long long *first(void) { return &slots[limits[0]].count; }
    ";
    compile_c("extern_array", source)
}

/// C refuses that within one unit; one that replaces another's weak variable can make it.
fn one_name_in_two_sections() -> PathBuf {
    let source = r#"
        int twice __attribute__((section(".data.first"))) = 1;
        int ecivt __attribute__((section(".data.second"))) = 2;
    "#;
    let object = compile_c("two_sections", source);
    changed("two_sections", &object, |bytes| {
        rename(bytes, "ecivt", "twice")
    })
}

/// An object whose header says that it is for another machine.
fn for_x86() -> PathBuf {
    const MACHINE: usize = 18;
    const X86_64: u8 = 62;
    changed("x86", &object("selection"), |bytes| bytes[MACHINE] = X86_64)
}

/// An object whose BTF says that it is longer than its section.
fn with_truncated_btf() -> PathBuf {
    // Magic, version, flags, and the length of BTF's header: that of `.BTF.ext` is another.
    const HEADER: [u8; 8] = [0x9f, 0xeb, 1, 0, 24, 0, 0, 0];
    const TYPES_LEN: usize = 12;
    let object = compile_c("truncated_btf", SMALL);
    changed("truncated_btf", &object, |bytes| {
        let start = bytes.windows(HEADER.len()).position(|at| at == HEADER);
        let start = start.unwrap() + TYPES_LEN;
        bytes[start + 2] = 1;
    })
}

/// rustc quotes the standard library where its source is installed, which it need not be.
fn assert_that_nothing_quotes_std() {
    for case in fs::read_dir("ui").unwrap() {
        let path = case.unwrap().path();
        if path
            .extension()
            .is_some_and(|extension| extension == "stderr")
        {
            let said = fs::read_to_string(&path).unwrap();
            let quotes = said.contains("$RUST/");
            assert!(!quotes, "{}: not the same everywhere", path.display());
        }
    }
}

#[test]
fn ui() {
    assert_that_nothing_quotes_std();
    lay_out_objects();
    // Cargo sets it for this package's tests, which has a build script. The cases' package has none.
    // SAFETY: this is the only test of this process, so no other thread reads the environment.
    unsafe { env::remove_var("OUT_DIR") };
    let cases = trybuild::TestCases::new();
    cases.pass("ui/pass/*.rs");
    cases.compile_fail("ui/*.rs");
}
