//! What `tests/instruction_counts.rs` runs under callgrind: a function for each thing that it counts.
//!
//! callgrind finds these functions by name, and counts from when one is entered to when it returns.

use std::hint::black_box;

use bpf_subskeleton::libbpf_rs::{Object, ObjectBuilder, OpenObject};
use bpf_subskeleton::subskeleton;
use bpf_subskeleton_codegen::internals::{Environment, subskeleton_in};
use proc_macro2::TokenStream;

const OBJECT: &str = concat!(env!("OUT_DIR"), "/counted.bpf.o");

/// A hundred variables.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/counted.bpf.o"))]
pub struct Counted;

/// Repeats an access. Many stand in one turn of the loop, which then hardly counts.
macro_rules! repeat {
    (|$i:pat_param| $access:expr) => {
        for i in (0..1024).step_by(16) {
            for $i in i..i + 16 {
                black_box($access);
            }
        }
    };
}

/// Functions under names of their own, which are not inlined.
macro_rules! counted {
    ($(fn $name:ident($($argument:ident: $type:ty),*) $(-> $result:ty)? $body:block)*) => {$(
        // SAFETY: nothing else that is linked has a name that begins with `counted_`.
        #[unsafe(no_mangle)]
        #[inline(never)]
        fn $name($($argument: $type),*) $(-> $result)? $body
    )*};
}

counted! {
    fn counted_get(counted: &Counted) {
        repeat!(|_| counted.bss.count.get());
    }

    fn counted_set(counted: &Counted) {
        repeat!(|i| counted.bss.count.set(i));
    }

    fn counted_get_field(counted: &Counted) {
        repeat!(|_| counted.bss.stats.bytes.get());
    }

    fn counted_set_field(counted: &Counted) {
        repeat!(|i| counted.bss.stats.bytes.set(i));
    }

    fn counted_get_element(counted: &Counted) {
        repeat!(|i| counted.bss.slots[i as usize % 64].get());
    }

    fn counted_set_element(counted: &Counted) {
        repeat!(|i| counted.bss.slots[i as usize % 64].set(i));
    }

    fn counted_get_struct(counted: &Counted) {
        repeat!(|_| counted.bss.stats.get());
    }

    fn counted_bind(object: &Object) -> Counted {
        Counted::bind(object).unwrap_or_else(|e| panic!("{e}"))
    }

    fn counted_expansion(args: TokenStream, item: TokenStream) -> TokenStream {
        subskeleton_in(&Environment::cargo(), args, item)
    }
}

fn main() {
    let name = std::env::args().nth(1).unwrap_or_default();
    if name == "counted_expansion" {
        return expand();
    }
    let object = ObjectBuilder::default()
        .open_file(OBJECT)
        .and_then(OpenObject::load)
        .unwrap_or_else(|e| panic!("{OBJECT}: {e:#}"));
    assert_eq!(Counted::VARIABLES.len(), 100);
    let counted = Counted::bind(&object).unwrap_or_else(|e| panic!("{e}"));
    let access = match &*name {
        "counted_bind" => return drop(counted_bind(&object)),
        "counted_get" => counted_get,
        "counted_set" => counted_set,
        "counted_get_field" => counted_get_field,
        "counted_set_field" => counted_set_field,
        "counted_get_element" => counted_get_element,
        "counted_set_element" => counted_set_element,
        "counted_get_struct" => counted_get_struct,
        _ => panic!("give the name of a function to call"),
    };
    access(black_box(&counted));
}

fn expand() {
    let tokens = |text: &str| {
        text.parse::<TokenStream>()
            .unwrap_or_else(|e| panic!("{text}: {e}"))
    };
    let args = tokens(&format!("obj = {OBJECT:?}"));
    let code = counted_expansion(args, tokens("pub struct Counted;")).to_string();
    assert!(!code.contains("compile_error ! { \""), "{code}");
}
