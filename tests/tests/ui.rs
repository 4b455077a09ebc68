//! What a user sees at compile time: `tests/ui`, one mistake a file, its name states it.
//!
//! `make bless` rewrites the `.stderr` files after a wanted change; read the difference as a user would.

use std::fs;
use std::path::Path;

use bpf_subskeleton_tests::objects;

/// The objects that the cases name, put where trybuild compiles them: relative paths begin there.
fn lay_out_objects() {
    let folder =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join("../tests/trybuild/bpf-subskeleton-tests");
    fs::create_dir_all(&folder).unwrap();
    let put = |name: &str, bytes: &[u8]| fs::write(folder.join(name), bytes).unwrap();
    let good = fs::read(objects::object("selection")).unwrap();
    put("selection.bpf.o", &good);
}

#[test]
fn ui() {
    lay_out_objects();
    let cases = trybuild::TestCases::new();
    cases.pass("ui/pass/*.rs");
    cases.compile_fail("ui/*.rs");
}
