use bpf_subskeleton::libbpf_rs::Object;
use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o")]
struct Hist;

fn attach(object: Object) {
    let programs = Hist::programs(&object).unwrap();
    std::thread::spawn(move || programs.attach());
}

fn main() {}
