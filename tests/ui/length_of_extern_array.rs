use bpf_subskeleton::subskeleton;

type Slots = [r#extern::slot];

#[subskeleton(obj = "extern_array.bpf.o")]
struct Extern {
    slots: Var<[r#extern::slot; 4]>,
}

#[subskeleton(obj = "extern_array.bpf.o", module = aliased)]
struct Aliased {
    slots: Var<Slots>,
}

fn main() {}
