use bpf_subskeleton::libbpf_rs::OpenObject;
use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o")]
struct Hist;

fn load(open: OpenObject) -> HistPrograms<'static> {
    let object = open.load().unwrap();
    Hist::programs(&object).unwrap()
}

fn main() {}
