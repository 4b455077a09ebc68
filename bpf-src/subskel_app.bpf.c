// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * An application that links subskel_lib and subskel_lib2 in: it overrides the weak
 * variable, and on each system call of process `app_pid` calls the library and
 * leaves `app_multiplier` times the sum in `app_out`.
 */
#include "subskel.h"

const volatile int app_multiplier = 2;

/* As the initial pid namespace counts; 0 (every process) until it is set. */
const volatile __u32 app_pid = 0;

/* The strong definition of the library's weak variable. Its neighbour moves it. */
int app_first = 77;
int lib_weak = 70;

int app_out;

extern int lib_compute(void);

SEC("raw_tp/sys_enter")
int app_on_enter(void *ctx)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;

	if (app_pid && pid != app_pid)
		return 0;
	app_out = lib_compute() * app_multiplier;
	return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
