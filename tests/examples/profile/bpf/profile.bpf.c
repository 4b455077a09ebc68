// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Where processes make system calls. */
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <exit_info.bpf.h>
#include <stacks.bpf.h>

/* Stop after so many stacks. */
const volatile __u64 wanted = 10;

/* The application's own variables, which the linker puts beside the libraries'. */
__u64 collected;
__u64 calls;
__u64 calls_by_number[512];

SEC("raw_tp/sys_enter")
int on_call(struct bpf_raw_tracepoint_args *ctx)
{
	struct pt_regs *regs = (struct pt_regs *)ctx->args[0];
	__u64 number = ctx->args[1], ip = 0, fp = 0;

	__sync_fetch_and_add(&calls, 1);
	if (number < 512)
		__sync_fetch_and_add(&calls_by_number[number], 1);
	bpf_probe_read_kernel(&ip, sizeof(ip), &PT_REGS_IP(regs));
	bpf_probe_read_kernel(&fp, sizeof(fp), &PT_REGS_FP(regs));
	if (!exit_recorded() && stacks_collect(ip, fp) &&
	    __sync_fetch_and_add(&collected, 1) + 1 >= wanted)
		exit_record(EXIT_DONE, wanted, "enough stacks");
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
