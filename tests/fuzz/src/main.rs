//! The whole way from an object's bytes to Rust, for libFuzzer; `make fuzz` builds and runs it.
//!
//! What it is given beside libFuzzer's own ideas is damaged where it hurts: by the mutator of the test
//! that sends a hundred thousand damaged objects the same way.

#![no_main]

#[path = "../../../macros/codegen/tests/allocation/mod.rs"]
#[allow(dead_code, reason = "shared with tests")]
mod allocation;
#[path = "../../../macros/codegen/tests/mutate/mod.rs"]
#[allow(dead_code, reason = "shared with tests")]
mod mutate;

use bpf_subskeleton_codegen::internals::File;
use bpf_subskeleton_codegen::internals::generate;
use bpf_subskeleton_object::verify_linked;
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use quote::quote;

use allocation::allocated;
use mutate::{Mutator, Object};

/// What may be held for each byte of an object, see `macros/codegen/tests/bounded_memory.rs`; and in any case.
const PER_BYTE: usize = 2000;
const AT_LEAST: usize = 1 << 20;

fuzz_target!(|bytes: &[u8]| {
    let _ = verify_linked(bytes);
    let (args, item) = (
        quote!(obj = "library.bpf.o"),
        quote!(
            pub struct Library;
        ),
    );
    let limit = AT_LEAST + bytes.len() * PER_BYTE;
    let file = File {
        path: "/library.bpf.o".to_owned(),
        bytes: bytes.to_vec(),
    };
    let (tokens, allocated) = allocated(|| generate(args, item, &file));
    assert!(allocated.peak < limit, "{allocated:?}, limit {limit}");
    if let Some(tokens) = tokens {
        syn::parse2::<syn::File>(tokens).expect("what is generated is Rust");
    }
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let object = data.get(..size).and_then(Object::parse);
    match object {
        Some(object) if !seed.is_multiple_of(8) => {
            let object = object.without_debug();
            let damaged = Mutator::new(seed.into()).mutate(&object);
            let len = damaged.len().min(max_size);
            data[..len].copy_from_slice(&damaged[..len]);
            len
        }
        _ => fuzzer_mutate(data, size, max_size),
    }
});
