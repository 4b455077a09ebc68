// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct exec_event {
	__u64 time; /* ns since boot, suspension left out */
	__u32 pid;
	char path[128]; /* cut off if longer */
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} execs SEC(".maps");

/* Never written: it brings the type of the records into BTF, where a ring buffer's definition has no
 * place for it. So the type can be compared with that of the companion crate. */
struct exec_event execs_record;

/* Events missing from `execs` because it was full. */
__u64 execs_lost;

/* The parts of the kernel's structs that are used here; offsets are adjusted at load. */
struct task_struct {
	int tgid;
} __attribute__((preserve_access_index));

struct linux_binprm {
	const char *filename;
} __attribute__((preserve_access_index));

SEC("tp_btf/sched_process_exec")
int BPF_PROG(execs_report, struct task_struct *task, int old_pid, struct linux_binprm *binary)
{
	struct exec_event *event = bpf_ringbuf_reserve(&execs, sizeof(*event), 0);

	if (!event) {
		__sync_fetch_and_add(&execs_lost, 1);
		return 0;
	}
	event->time = bpf_ktime_get_ns();
	event->pid = task->tgid;
	bpf_probe_read_kernel_str(event->path, sizeof(event->path), binary->filename);
	bpf_ringbuf_submit(event, 0);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
