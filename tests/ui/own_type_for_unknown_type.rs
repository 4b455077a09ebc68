use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o", types(evnt = my::Event))]
struct Sampling {
    last_event: Var<_>,
}

fn main() {}
