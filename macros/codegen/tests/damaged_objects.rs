//! Sends a hundred thousand damaged objects all the way from bytes to Rust: nothing panics or hangs,
//! memory stays in proportion to the object, and the output parses.

#[allow(dead_code, reason = "some of it is for bounded_memory.rs")]
mod allocation;
#[path = "../../object/tests/clang/mod.rs"]
mod clang;
#[allow(dead_code, reason = "some of it is for bounded_memory.rs")]
mod mutate;

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use bpf_subskeleton_codegen::internals::File;
use bpf_subskeleton_codegen::internals::generate;
use bpf_subskeleton_object::verify_linked;
use quote::quote;

use allocation::allocated;
use clang::compile;
use mutate::{Mutator, Object};

const CASES: usize = 100_000;

/// When a case counts as hung: they take a millisecond.
const PATIENCE: Duration = Duration::from_secs(60);

/// Most are small, since generating Rust takes most of the time.
const SOURCES: [(&str, &str); 10] = [
    (
        "struct_ops",
        include_str!("../../object/tests/clang/struct_ops.bpf.c"),
    ),
    ("bits", include_str!("../../object/tests/clang/bits.bpf.c")),
    (
        "unions",
        include_str!("../../object/tests/clang/unions.bpf.c"),
    ),
    (
        "structs",
        include_str!("../../object/tests/clang/structs.bpf.c"),
    ),
    (
        "flexible",
        include_str!("../../object/tests/clang/flexible.bpf.c"),
    ),
    (
        "pointers",
        include_str!("../../object/tests/clang/pointers.bpf.c"),
    ),
    (
        "arena",
        include_str!("../../object/tests/clang/arena.bpf.c"),
    ),
    ("maps", include_str!("../../object/tests/clang/maps.bpf.c")),
    ("app", include_str!("../../object/tests/clang/app.bpf.c")),
    (
        "everything",
        include_str!("../../object/tests/clang/everything.bpf.c"),
    ),
];

/// The code for an object's bytes, with all that can be asked for, if they are accepted as a library.
fn expand(bytes: Vec<u8>) -> Option<proc_macro2::TokenStream> {
    let path = "/library.bpf.o".to_owned();
    let (args, item) = (
        quote!(
            obj = "library.bpf.o",
            snapshot,
            derive?(
                PartialEq,
                Eq,
                Hash,
                PartialOrd,
                Ord,
                serde::Serialize,
                my::Other
            )
        ),
        quote!(
            pub struct Library;
        ),
    );
    generate(args, item, &File { path, bytes })
}

/// Objects of both byte orders, and two linked ones in the host's.
fn objects() -> Vec<Object> {
    let host = match cfg!(target_endian = "big") {
        true => "bpfeb",
        false => "bpfel",
    };
    let mut objects = Vec::new();
    for target in ["bpfel", "bpfeb"] {
        let paths = SOURCES.map(|(name, source)| {
            let (path, bytes) = compile(&format!("{name}_{target}"), target, source);
            objects.push(bytes);
            path
        });
        if target == host {
            let [.., flexible, pointers, _, app, _] = &paths;
            for inputs in [[flexible, pointers, app], [app, pointers, flexible]] {
                let linked = flexible.with_file_name("linked.bpf.o");
                link(&linked, inputs);
                objects.push(fs::read(linked).unwrap());
            }
        }
    }
    let taken_apart = |bytes: &Vec<u8>| Object::parse(bytes).unwrap().without_debug();
    objects.iter().map(taken_apart).collect()
}

fn link(output: &Path, inputs: [&PathBuf; 3]) {
    let bpftool = ["/usr/sbin/bpftool", "bpftool"];
    let bpftool = bpftool.into_iter().find(|path| Path::new(path).exists());
    let status = Command::new(bpftool.unwrap_or("bpftool"))
        .args(["gen", "object"])
        .arg(output)
        .args(inputs)
        .status();
    assert!(status.unwrap().success());
}

/// What a case may hold for each byte of its object, see `bounded_memory.rs`; and in any case.
const PER_BYTE: usize = 700;
const AT_LEAST: usize = 64 << 10;

/// Damages an object, and returns whether it is still accepted as a library.
fn run(case: usize, objects: &[Object]) -> bool {
    // The last object is as long as all others together, so its turn comes less often.
    let (large, small) = objects.split_last().unwrap();
    let object = match case % 64 {
        0 => large,
        _ => &small[case % small.len()],
    };
    let bytes = Mutator::new(case as u64).mutate(object);
    let limit = AT_LEAST + bytes.len() * PER_BYTE;
    let _ = verify_linked(&bytes);
    // Tokens carry locations in tests, and proc-macro2 would keep every one.
    proc_macro2::extra::invalidate_current_thread_spans();
    let (tokens, allocated) = allocated(|| expand(bytes));
    assert!(allocated.peak < limit, "{allocated:?}, limit {limit}");
    let accepted = tokens.is_some();
    if let Some(tokens) = tokens {
        syn::parse2::<syn::File>(tokens).unwrap();
    }
    accepted
}

#[test]
fn a_hundred_thousand_damaged_objects() {
    let objects = objects();
    for object in &objects {
        let tokens = expand(object.write(false)).expect("the undamaged objects are valid");
        syn::parse2::<syn::File>(tokens).unwrap();
    }

    let objects = Arc::new(objects);
    let begun = Arc::new(AtomicUsize::new(0));
    let (results, ended) = mpsc::channel();
    // Not scoped: a case that never ends must not keep the test from failing.
    for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
        let (objects, begun, results) = (objects.clone(), begun.clone(), results.clone());
        thread::spawn(move || {
            loop {
                let case = begun.fetch_add(1, Ordering::Relaxed);
                let outcome = catch_unwind(|| (case < CASES).then(|| run(case, &objects)));
                match outcome {
                    Ok(None) => return,
                    Ok(Some(accepted)) => drop(results.send((case, Some(accepted)))),
                    Err(_) => drop(results.send((case, None))),
                }
            }
        });
    }
    drop(results);

    let mut outcomes = vec![None; CASES];
    for _ in 0..CASES {
        match ended.recv_timeout(PATIENCE) {
            Ok((case, Some(accepted))) => outcomes[case] = Some(accepted),
            Ok((case, None)) => panic!("case {case} panicked, see above"),
            Err(_) => {
                let hangs = outcomes.iter().position(Option::is_none);
                panic!("case {hangs:?} does not end");
            }
        }
    }
    // If all failed early, this would test little.
    let accepted = outcomes.iter().flatten().filter(|accepted| **accepted);
    let accepted = accepted.count();
    assert!(accepted > CASES / 5, "only {accepted} were accepted");
}
