// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * A library that leaves a variable, a constant, a map and a function to its host:
 * libbpf refuses to open it until unresolved_app.bpf.c is linked in.
 */
#include "unresolved.h"

extern int host_level;
extern const volatile int host_limit;
extern struct host_map host_events SEC(".maps");
extern int app_hook(int level);

/* Defined here, so that the library has something of its own too. */
int lib_verdict;

/* Asks the host about its level and records the answer. */
SEC("raw_tp")
int lib_ask(void *ctx)
{
	__u32 key = 0;
	struct host_event *event = bpf_map_lookup_elem(&host_events, &key);

	lib_verdict = host_level > host_limit ? -1 : app_hook(host_level);
	if (event) {
		event->level = host_level;
		event->verdict = lib_verdict;
	}
	return lib_verdict;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
