// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * A library of programs: one that always loads, one that loads on request (`?`), one
 * that user space runs, and two in one section.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* Context of `prog_run`: user space fills `in`, the program `out`. */
struct prog_args {
	__u32 in;
	__u32 out;
};

const volatile __u32 prog_offset = 100;

__u64 prog_enters;
__u64 prog_exits;
__u64 prog_runs;
__u64 prog_switches_a;
__u64 prog_switches_b;

SEC("raw_tp/sys_enter")
int prog_on_enter(void *ctx)
{
	__sync_fetch_and_add(&prog_enters, 1);
	return 0;
}

SEC("?raw_tp/sys_exit")
int prog_on_exit(void *ctx)
{
	__sync_fetch_and_add(&prog_exits, 1);
	return 0;
}

/* Returns and stores in + prog_offset. Has no attach point. */
SEC("syscall")
int prog_run(struct prog_args *args)
{
	__sync_fetch_and_add(&prog_runs, 1);
	args->out = args->in + prog_offset;
	return args->out;
}

SEC("raw_tp/sched_switch")
int prog_on_switch_a(void *ctx)
{
	__sync_fetch_and_add(&prog_switches_a, 1);
	return 0;
}

SEC("raw_tp/sched_switch")
int prog_on_switch_b(void *ctx)
{
	__sync_fetch_and_add(&prog_switches_b, 1);
	return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
