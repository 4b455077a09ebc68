use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o")]
pub struct Sampling {
    pub samples: Var<Typo>,
    #[bpf(name = "CONFIG_HZ")]
    pub hz: Const<Tyqo>,
    pub weights: Option<Var<[Tyro; 4]>>,
    pub by_pid: maps::Hash<Tyso, _>,
}

fn main() {}
