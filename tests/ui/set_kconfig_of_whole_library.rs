use bpf_subskeleton::libbpf_rs::OpenObject;
use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o")]
struct Hist;

fn set(open: &mut OpenObject) {
    let config = Hist::configure(open).unwrap();
    *config.kconfig.CONFIG_HZ = 1000;
}

fn main() {}
