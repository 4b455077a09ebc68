// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * A BPF library that has one of everything a subskeleton must find: the kinds of
 * variables the kernel's own subskeleton selftest uses, and the maps and program
 * around them. Half of what it needs is defined by subskel_lib2.bpf.c.
 *
 * lib_compute() adds up every input and leaves the sum in `lib_sum`:
 *
 *	lib_sum = lib_bias + lib_base + lib_pair.small + lib_pair.wide
 *		+ lib_weights[0..3] + lib_custom + lib_weak + shared_level
 */
#include "subskel.h"

/* .rodata */
const volatile int lib_bias = 3;

/* .data */
int lib_base = 1;

struct {
	int small;
	__s64 wide;
} lib_pair = { .small = 20, .wide = -300 };

int lib_weights[4] = { 1, 2, 3, 4 };

/* An application may define its own; see subskel_app.bpf.c. */
int lib_weak __weak = 7;

/* .data.custom */
int lib_custom SEC(".data.custom") = 1000;

/* .bss */
int lib_sum;
bool lib_saw_bpf;
__u64 lib_calls;
__u64 lib_exits;

/* Never called: BPF has no indirect calls. Its type is what matters. */
int (*lib_hook)(int level, const char *name);

/* Defined in subskel_lib2.bpf.c. */
extern int shared_level;

extern struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct lib_sighting);
} shared_seen SEC(".maps");

extern bool CONFIG_BPF __kconfig __weak;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, struct lib_sighting);
} lib_seen SEC(".maps");

/* Records `sum` under key 0 of both maps. */
static void record(int sum)
{
	struct lib_sighting seen = { .calls = lib_calls, .last_sum = sum };
	struct lib_sighting *shared;
	__u32 key = 0;

	bpf_map_update_elem(&lib_seen, &key, &seen, BPF_ANY);
	shared = bpf_map_lookup_elem(&shared_seen, &key);
	if (shared)
		*shared = seen;
}

/* What the application calls: adds up, records, returns the sum. */
int lib_compute(void)
{
	int sum = lib_bias + lib_base + lib_custom + lib_weak + shared_level;
	int i;

	sum += lib_pair.small + (int)lib_pair.wide;
	for (i = 0; i < 4; i++)
		sum += lib_weights[i];

	__sync_fetch_and_add(&lib_calls, 1);
	lib_saw_bpf = CONFIG_BPF;
	lib_sum = sum;
	record(sum);
	return sum;
}

/* The library's own program: counts every return from a system call. */
SEC("raw_tp/sys_exit")
int lib_on_exit(void *ctx)
{
	__sync_fetch_and_add(&lib_exits, 1);
	return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
