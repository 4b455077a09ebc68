//! Generated code in a crate's own files, as `subskeleton expand` writes it: there rustc excuses no warning as that of a
//! macro.

use std::fs;
use std::path::Path;

use bpf_subskeleton_tests::companions::{Companions, expand};
use bpf_subskeleton_tests::objects::compile_c;

#[test]
fn compile_without_warnings() {
    let mut companions = Companions::new(env!("CARGO_TARGET_TMPDIR"), "expansions");
    let mut names = Vec::new();
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
    for entry in fs::read_dir(golden).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let Some(name) = name.strip_suffix(".bpf.c") else {
            continue;
        };
        let object = compile_c(
            &format!("expansions-{name}"),
            &fs::read_to_string(&path).unwrap(),
        );
        let code = expand(&object, &object).unwrap();
        names.push((companions.add(code), name.to_owned()));
    }
    assert!(names.len() >= 10, "{names:?}");
    let failed = companions.compile().unwrap();
    let failed: Vec<_> = (names.iter())
        .filter_map(|(companion, name)| Some((name, failed.get(companion)?)))
        .collect();
    assert!(failed.is_empty(), "{failed:#?}");
}
