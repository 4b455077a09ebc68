use bpf_subskeleton::Var;

fn other(a: &Var<u64>, b: &Var<u64>) -> Var<u64> {
    a.project(|_| b)
}

fn writable(a: &bpf_subskeleton::Const<u64>) -> Var<u64> {
    a.project(|a| a)
}

fn main() {}
