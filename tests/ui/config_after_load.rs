use bpf_subskeleton::libbpf_rs::OpenObject;
use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o")]
struct Hist;

fn load(mut open: OpenObject) {
    let config = Hist::configure(&mut open).unwrap();
    let _object = open.load().unwrap();
    *config.rodata.sample_rate = 10;
}

fn main() {}
