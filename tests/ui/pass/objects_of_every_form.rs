//! Every form of a path that is known while macros are expanded.
#![allow(dead_code)]

use bpf_subskeleton::subskeleton;

#[subskeleton(obj = r#"selection.bpf.o"#)]
struct Raw;

#[subskeleton(obj = concat!("selection", '.', "bpf", ".o"))]
struct Parts;

#[subskeleton(obj = concat!["selection.bpf.o",])]
struct Brackets;

#[subskeleton(obj = ::core::concat! { "selection", ".bpf.o" },)]
struct Path;

#[subskeleton(obj = std::concat!(env!("CARGO_MANIFEST_DIR", "by cargo"), "/", concat!(), concat!("selection.bpf.o")))]
struct Nested;

macro_rules! companion {
    ($name:ident, $object:expr) => {
        #[subskeleton(obj = $object)]
        struct $name;
    };
}

companion!(Literal, "selection.bpf.o");
companion!(Concatenated, concat!("selection", ".bpf.o"));

fn main() {}
