// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Stops when a process of that name makes a system call. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <exit_info.bpf.h>

/* Another application, other variables around the record. */
char seen[16][16];
const volatile char unwanted[16] = "";

SEC("raw_tp/sys_enter")
int on_call(void *ctx)
{
	char comm[16] = "";

	if (exit_recorded() || bpf_get_current_comm(comm, sizeof(comm)))
		return 0;
	for (int i = 0; i < sizeof(comm); i++) {
		if (comm[i] != unwanted[i])
			return 0;
		seen[0][i] = comm[i];
		if (!comm[i])
			break;
	}
	exit_record(EXIT_ERROR, bpf_get_current_pid_tgid() >> 32, "an unwanted process");
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
