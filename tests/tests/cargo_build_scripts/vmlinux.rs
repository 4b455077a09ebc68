//! `vmlinux.h`, for programs that read the kernel's structs.

use std::fs;

use crate::crates::Crate;

const SOURCE: &str = r#"
#include <vmlinux.h>
#include <bpf/bpf_core_read.h>

int pid_of(struct task_struct *task) { return BPF_CORE_READ(task, group_leader, pid); }
"#;

#[test]
fn it_is_made_of_the_running_kernels_types() {
    let library = Crate::library("vmlinux", ".vmlinux()", &[]);
    library.write("bpf/lib.bpf.c", SOURCE);
    let checked = library.check().succeeds();
    assert_eq!(checked.object(&library, "lib.bpf.o").symbols(), ["pid_of"]);
}

/// A kernel whose `task_struct` has two members.
const KERNEL: &str = "
struct task_struct { int pid; struct task_struct *group_leader; };
struct task_struct init_task;
";

#[test]
fn it_is_made_of_a_file() {
    let library = Crate::library("vmlinux-from", ".vmlinux_from(\"bpf/kernel.btf\")", &[]);
    library.write(
        "bpf/lib.bpf.c",
        "#include <vmlinux.h>\nint pid_of(struct task_struct *task) { return task->group_leader->pid; }",
    );
    let text = "can't make vmlinux.h of ";
    library
        .check()
        .fails(&[text, "/bpf/kernel.btf: No such file", "`vmlinux_from("]);
    library.write("bpf/kernel.btf", "no BTF");
    library
        .check()
        .fails(&[text, "/bpf/kernel.btf: there is no BTF in it"]);

    let kernel = bpf_subskeleton_tests::objects::compile_c("vmlinux", KERNEL);
    library.write("bpf/kernel.btf", fs::read(kernel).unwrap());
    let checked = library.check().succeeds();
    // Plain accesses are relocated.
    let object = checked.object(&library, "lib.bpf.o");
    assert!(object.core_relocations() > 0);
    let [out] = checked.out_dirs(&library).try_into().unwrap();
    let header = fs::read_to_string(out.join("vmlinux/vmlinux.h")).unwrap();
    assert!(
        header.contains("struct task_struct {\n\tint pid;"),
        "{header}"
    );
    assert!(!header.contains("mm_struct"), "{header}");

    // Another kernel, another header.
    let kernel = KERNEL.replace("int pid", "long before; int pid");
    let kernel = bpf_subskeleton_tests::objects::compile_c("vmlinux", &kernel);
    library.write("bpf/kernel.btf", fs::read(kernel).unwrap());
    library.check().succeeds();
    let header = fs::read_to_string(out.join("vmlinux/vmlinux.h")).unwrap();
    assert!(header.contains("before"), "{header}");
}
