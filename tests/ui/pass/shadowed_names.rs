//! A crate with names of its own for everything that generated code needs.
#![allow(dead_code, non_camel_case_types, non_local_definitions)]

mod core {}
mod std {}
mod maps {}
mod libbpf_rs {}
struct Var;
struct Const;
struct Option;
struct Result;
struct Bool;
struct u8;
struct u16;
type u128 = ();
trait Clone {}
trait Copy {}
trait Debug {}
trait Default {}
trait Pod {}
enum Shape {}
const EXPECTED: () = ();
const WRONG: () = ();

use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "types.bpf.o", snapshot)]
struct Types;

#[subskeleton(obj = "selection.bpf.o", snapshot)]
struct Sampling {
    samples: Var<u64>,
    sample_rate: Const<u32>,
    slots: Option<Var<_>>,
    last_event: Var<other::event>,
    by_pid: maps::Hash<u32, _>,
}

mod other {
    use bpf_subskeleton::subskeleton;

    #[subskeleton(obj = "selection.bpf.o", module = generated)]
    pub struct Everything;

    pub use self::generated::event;
}

fn main() {}
