use bpf_subskeleton::subskeleton;

struct Event {
    pid: u32,
    cpu: u32,
    when: u64,
    comm: [i8; 16],
}

#[subskeleton(obj = "selection.bpf.o")]
struct Sampling {
    last_event: Var<Event>,
}

fn main() {}
