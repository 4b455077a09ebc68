use bpf_subskeleton::libbpf_rs::OpenObject;
use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o")]
struct Sampling {
    CONFIG_HZ: Const<i32>,
}

fn set(open: &mut OpenObject) {
    let config = Sampling::configure(open).unwrap();
    *config.CONFIG_HZ = 1000;
}

fn main() {}
