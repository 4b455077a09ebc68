use bpf_subskeleton::{Shared, libbpf_rs, subskeleton};

#[subskeleton(obj = "arena.bpf.o")]
struct Lib;

fn limit<'obj>(object: libbpf_rs::Object) -> &'obj Shared<u64> {
    Lib::arena(&object).unwrap().limit
}

fn main() {}
