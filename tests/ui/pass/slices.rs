//! Arrays whose length the object decides: one that the library only declares, and one that it defines.
use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "extern_array.bpf.o", snapshot)]
struct Extern {
    slots: Option<Var<[r#extern::slot]>>,
}

#[subskeleton(obj = "selection.bpf.o", snapshot)]
struct Sampling {
    weights: Var<[u32]>,
}

fn use_all(
    arrays: Extern,
    sampling: &mut SamplingConfig<'_>,
) -> bpf_subskeleton::libbpf_rs::Result<u64> {
    sampling.weights.set_len(7)?;
    sampling.weights.fill(1);
    Ok(arrays.slots.map_or(0, |slots| slots[0].count.get()))
}

fn main() {
    let _ = use_all;
}
