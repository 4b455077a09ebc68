// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct exit_event {
	__u64 time; /* ns since boot, suspension left out */
	__u32 pid;
	__s32 status; /* as of wait(2) */
	char comm[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} exits SEC(".maps");

/* Never written: it brings the type of the records into BTF, where a ring buffer's definition has no
 * place for it. So the type can be compared with that of the companion crate. */
struct exit_event exits_record;

/* Events missing from `exits` because it was full. */
__u64 exits_lost;

/* The part of the kernel's struct that is used here; offsets are adjusted at load. */
struct task_struct {
	int pid;
	int tgid;
	int exit_code;
} __attribute__((preserve_access_index));

SEC("tp_btf/sched_process_exit")
int BPF_PROG(exits_report, struct task_struct *task)
{
	struct exit_event *event;

	/* A thread other than the first, which stands for the process. */
	if (task->pid != task->tgid)
		return 0;
	event = bpf_ringbuf_reserve(&exits, sizeof(*event), 0);
	if (!event) {
		__sync_fetch_and_add(&exits_lost, 1);
		return 0;
	}
	event->time = bpf_ktime_get_ns();
	event->pid = task->tgid;
	event->status = task->exit_code;
	bpf_get_current_comm(event->comm, sizeof(event->comm));
	bpf_ringbuf_submit(event, 0);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
