/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Lets BPF programs report to user space why they stopped: include this, and link exit_info.bpf.o in. */
#ifndef EXIT_INFO_BPF_H
#define EXIT_INFO_BPF_H

#include <linux/types.h>
#include <bpf/bpf_helpers.h>

enum exit_kind {
	EXIT_NONE,
	EXIT_DONE,
	EXIT_ERROR,
};

struct exit_info {
	enum exit_kind kind;
	__s64 code;
	__u64 when; /* ns since boot */
	char reason[64];
	char comm[16];
};

/* One for the whole object. */
extern struct exit_info exit_info;

/* Whether something was recorded: programs have nothing more to do. */
static __always_inline int exit_recorded(void)
{
	return exit_info.kind != EXIT_NONE;
}

/* Records why, unless something was recorded before. Inlined, because a global function can't take a pointer
 * to a string literal. */
static __always_inline void exit_record(enum exit_kind kind, __s64 code, const char *reason)
{
	__u64 now = bpf_ktime_get_ns();

	if (exit_recorded())
		return;
#if __BPF_CPU_VERSION__ >= 3
	/* Of several CPUs that come here at once, one records. */
	if (!__sync_bool_compare_and_swap(&exit_info.when, 0, now))
		return;
#else
	exit_info.when = now;
#endif
	exit_info.code = code;
	bpf_probe_read_kernel_str(exit_info.reason, sizeof(exit_info.reason), reason);
	bpf_get_current_comm(exit_info.comm, sizeof(exit_info.comm));
	/* Last: user space reads the rest when it sees this. */
	barrier();
	*(volatile enum exit_kind *)&exit_info.kind = kind;
}

#endif
