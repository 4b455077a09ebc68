// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * A library with a program of each kind that is attached to something. None loads unless
 * asked for: no kernel has what all of them need. Each counts what one thread does.
 */
#include <stdbool.h>
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define EPERM 1

struct file;
struct seq_file;
struct task_struct;

struct bpf_iter_meta {
	struct seq_file *seq;
	__u64 session_id;
	__u64 seq_num;
} __attribute__((preserve_access_index));

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
} __attribute__((preserve_access_index));

/* The thread whose doings count. */
const volatile __u32 attach_thread = 0;

/* Whether the thread may open files. */
bool attach_may_open = true;

__u64 attach_count;
/* What the function returned last. */
__s64 attach_returned;

static __always_inline bool is_ours(void)
{
	return (__u32)bpf_get_current_pid_tgid() == attach_thread;
}

static __always_inline int count_ours(void)
{
	if (is_ours())
		__sync_fetch_and_add(&attach_count, 1);
	return 0;
}

SEC("?fentry/vfs_fallocate")
int BPF_PROG(attach_fentry, struct file *file, int mode, __s64 offset, __s64 len)
{
	/* Punching a hole, in whole pages. */
	return mode == 3 && len == 4096 ? count_ours() : 0;
}

SEC("?fexit/vfs_fallocate")
int BPF_PROG(attach_fexit, struct file *file, int mode, __s64 offset, __s64 len, int ret)
{
	if (is_ours())
		attach_returned = ret;
	return count_ours();
}

SEC("?kprobe/vfs_fallocate")
int attach_kprobe(struct pt_regs *ctx)
{
	return count_ours();
}

SEC("?kretprobe/vfs_fallocate")
int BPF_KRETPROBE(attach_kretprobe, int ret)
{
	if (is_ours())
		attach_returned = ret;
	return count_ours();
}

SEC("?kprobe.multi/vfs_fallocat*")
int attach_kprobe_multi(struct pt_regs *ctx)
{
	return count_ours();
}

SEC("?lsm/file_open")
int BPF_PROG(attach_lsm, struct file *file)
{
	int verdict = -EPERM;

	if (!is_ours())
		return 0;
	count_ours();
	if (attach_may_open)
		return 0;
	/* Else clang negates the byte, and newer verifiers can't tell what comes of that. */
	barrier_var(verdict);
	return verdict;
}

/* The path is that of the process that attaches. */
SEC("?uprobe//proc/self/exe:attach_here")
int BPF_UPROBE(attach_uprobe, int argument)
{
	if (is_ours())
		attach_returned = argument;
	return count_ours();
}

SEC("?uretprobe//proc/self/exe:attach_here")
int BPF_URETPROBE(attach_uretprobe, int ret)
{
	if (is_ours())
		attach_returned = ret;
	return count_ours();
}

SEC("?usdt//proc/self/exe:attach:here")
int attach_usdt(struct pt_regs *ctx)
{
	return count_ours();
}

/* User space says where. */
SEC("?uprobe")
int attach_uprobe_by_hand(struct pt_regs *ctx)
{
	return count_ours();
}

SEC("?tp/sched/sched_process_fork")
int attach_tracepoint(void *ctx)
{
	return count_ours();
}

SEC("?raw_tp/sched_process_fork")
int attach_raw_tracepoint(void *ctx)
{
	return count_ours();
}

SEC("?tp_btf/sched_process_fork")
int BPF_PROG(attach_tp_btf, struct task_struct *parent, struct task_struct *child)
{
	return count_ours();
}

SEC("?perf_event")
int attach_perf_event(void *ctx)
{
	return count_ours();
}

SEC("?iter/task")
int attach_iterator(struct bpf_iter__task *ctx)
{
	char line[] = "task\n";

	/* The last call is for the end. */
	if (!ctx->task)
		return 0;
	bpf_seq_write(ctx->meta->seq, line, sizeof(line) - 1);
	return count_ours();
}

SEC("?cgroup/connect4")
int attach_cgroup(struct bpf_sock_addr *ctx)
{
	count_ours();
	return 1;
}

/* Packets arrive on behalf of nobody: the device has to be one that only the test uses. */
SEC("?xdp")
int attach_xdp(struct xdp_md *ctx)
{
	__sync_fetch_and_add(&attach_count, 1);
	return XDP_PASS;
}

SEC("?tc")
int attach_tc(struct __sk_buff *skb)
{
	__sync_fetch_and_add(&attach_count, 1);
	return 0;
}

SEC("?sk_lookup")
int attach_sk_lookup(struct bpf_sk_lookup *ctx)
{
	__sync_fetch_and_add(&attach_count, 1);
	return SK_PASS;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
