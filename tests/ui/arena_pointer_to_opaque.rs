use bpf_subskeleton::{Arena, BpfPtr};

/// As the macro generates it for a kernel struct that pointers lead to.
#[allow(non_camel_case_types)]
enum task_struct {}

fn follow(arena: &Arena<'_>, task: BpfPtr<task_struct>) -> bool {
    arena.get(task).is_some()
}

fn main() {}
