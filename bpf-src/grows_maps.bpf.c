// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * A library whose maps have values that grow: compiled with NEWER, they have members that they
 * had not before, all at their ends.
 */
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

#ifdef NEWER
#define newer(member) member;
#else
#define newer(member)
#endif

/* Of 12 bytes, and then of 20: the values of two CPUs are 16 and 24 bytes apart. */
struct totals {
	__u32 packets;
	__u32 bytes;
	__u32 last;
	newer(__u32 drops)
	newer(__u32 errors)
};

/* Of 16 bytes, and then of 24: the values of two CPUs are a slice, and then not. */
struct stats {
	__u64 packets;
	__u64 bytes;
	newer(__u64 drops)
};

struct prefix {
	__u32 len;
	__u32 address;
};

#define map(name, map_type, key_type, value_type)		\
	struct {						\
		__uint(type, BPF_MAP_TYPE_##map_type);		\
		__uint(max_entries, 100);			\
		__type(key, key_type);				\
		__type(value, value_type);			\
	} name SEC(".maps")

map(by_port, HASH, __u32, struct totals);
map(by_slot, ARRAY, __u32, struct totals);
map(by_cpu_slot, PERCPU_ARRAY, __u32, struct totals);
map(by_cpu_port, PERCPU_HASH, __u32, struct stats);
map(recent, LRU_HASH, __u64, struct stats);
map(calls, ARRAY, __u32, __u64);

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 100);
	__type(key, struct prefix);
	__type(value, struct totals);
} by_prefix SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 100);
	__type(value, struct totals);
} waiting SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct totals);
} of_socket SEC(".maps");

#define in_memory(name, value_type)				\
	struct {						\
		__uint(type, BPF_MAP_TYPE_ARRAY);		\
		__uint(map_flags, BPF_F_MMAPABLE);		\
		__uint(max_entries, 4);				\
		__type(key, __u32);				\
		__type(value, value_type);			\
	} name SEC(".maps")

in_memory(mapped, struct stats);
in_memory(mapped_totals, struct totals);

/* Adds to one entry of two maps, what is newer as well. */
SEC("syscall")
int count(void *ctx)
{
	struct totals *totals, first = {};
	struct stats *stats;
	__u32 port = 80, slot = 1;

	bpf_map_update_elem(&by_port, &port, &first, BPF_NOEXIST);
	totals = bpf_map_lookup_elem(&by_port, &port);
	stats = bpf_map_lookup_elem(&mapped, &slot);
	if (!totals || !stats)
		return 1;
	totals->packets++;
	totals->bytes += 100;
	stats->packets++;
#ifdef NEWER
	totals->errors++;
	stats->drops++;
#endif
	return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
