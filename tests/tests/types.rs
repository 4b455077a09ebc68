//! Every C type of `bpf-src/types.h` as a Rust type.

use bpf_subskeleton::subskeleton;

/// One variable of each type.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/types.bpf.o"))]
pub struct Types;

#[test]
fn every_variable_is_described() {
    assert!(Types::VARIABLES.len() > 80);
}
