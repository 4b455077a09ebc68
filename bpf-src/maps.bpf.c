// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * A library with a map of each kind that Linux 5.10 has, and programs that use them when
 * user space asks. `newer_maps.bpf.c` has the other kinds.
 */
#include <stdbool.h>
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

struct key {
	__u32 id;
	__u16 port;
	__u16 zone;
};

struct total {
	__u64 count;
	__u64 sum;
};

struct record {
	__u64 sequence;
	__u32 kind;
	__u32 length;
};

/* What bpf_lpm_trie_key is, with an IPv4 address. */
struct prefix {
	__u32 bits;
	__u8 address[4];
};

/* A batch of these is few. */
struct wide {
	__u64 words[50000];
};

/* One is more than a batch should be. */
struct huge {
	__u64 words[140000];
};

#define MAP(name, kind, entries, key_type, value_type)  \
	struct {                                            \
		__uint(type, BPF_MAP_TYPE_##kind);              \
		__uint(max_entries, entries);                   \
		__type(key, key_type);                          \
		__type(value, value_type);                      \
	} name SEC(".maps")

#define PUSHED(name, kind, entries, value_type)         \
	struct {                                            \
		__uint(type, BPF_MAP_TYPE_##kind);              \
		__uint(max_entries, entries);                   \
		__type(value, value_type);                      \
	} name SEC(".maps")

#define SIZED(name, kind, entries)                      \
	struct {                                            \
		__uint(type, BPF_MAP_TYPE_##kind);              \
		__uint(max_entries, entries);                   \
		__uint(key_size, 4);                            \
		__uint(value_size, 4);                          \
	} name SEC(".maps")

#define STORAGE(name, kind)                             \
	struct {                                            \
		__uint(type, BPF_MAP_TYPE_##kind);              \
		__uint(map_flags, BPF_F_NO_PREALLOC);           \
		__type(key, int);                               \
		__type(value, struct total);                    \
	} name SEC(".maps")

MAP(hash, HASH, 16384, struct key, struct total);
MAP(small_hash, HASH, 4, __u32, __u32);
MAP(lru, LRU_HASH, 64, __u32, struct total);
MAP(array, ARRAY, 70000, __u32, __u32);
MAP(percpu_hash, PERCPU_HASH, 16, struct key, __u32);
MAP(percpu_array, PERCPU_ARRAY, 4, __u32, struct total);
MAP(lru_percpu, LRU_PERCPU_HASH, 64, __u32, __u64);
PUSHED(queue, QUEUE, 3, struct record);
PUSHED(stack, STACK, 3, __u32);
SIZED(perf_events, PERF_EVENT_ARRAY, 0);
SIZED(programs, PROG_ARRAY, 4);
SIZED(cgroups, CGROUP_ARRAY, 4);
SIZED(sockets, SOCKMAP, 4);
/* Values of 8 bytes let user space read the sockets' cookies. */
MAP(sockets_with_cookies, SOCKMAP, 4, __u32, __u64);
MAP(socket_hash, SOCKHASH, 4, struct key, __u64);
SIZED(group, REUSEPORT_SOCKARRAY, 4);
MAP(group_with_cookies, REUSEPORT_SOCKARRAY, 4, __u32, __u64);
MAP(devices, DEVMAP, 4, __u32, __u32);
MAP(devices_hash, DEVMAP_HASH, 4, __u32, __u32);
MAP(cpus, CPUMAP, 4, __u32, __u32);
SIZED(xsks, XSKMAP, 4);
SIZED(untyped, HASH, 4);
STORAGE(of_inode, INODE_STORAGE);
STORAGE(of_socket, SK_STORAGE);

/* Keys always go to the same buckets: some hold more of these values than a batch. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_ZERO_SEED | BPF_F_NO_PREALLOC);
	__uint(max_entries, 32);
	__type(key, __u32);
	__type(value, struct wide);
} wide_hash SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct huge);
} huge_hash SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 16);
	__type(key, struct prefix);
	__type(value, __u32);
} routes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64[16]);
} stacks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1000);
	__type(key, __u32);
	__type(value, struct total);
} mapped SEC(".maps");

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct total);
};

struct inner first_inner SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 4);
	__type(key, __u32);
	__array(values, struct inner);
} outer_array SEC(".maps") = { .values = { [1] = &first_inner } };

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 4);
	__type(key, struct key);
	__array(values, struct inner);
} outer_hash SEC(".maps");

/* What user space asks for, and what became of it. */
struct request {
	__u32 what;
	__u32 number;
	__u64 result;
};

/* Sends `number` records of `what` bytes. The verifier goes through loops turn by turn, so their bounds are low. */
SEC("syscall")
int send(struct request *request)
{
	struct record record = { .kind = 7, .length = request->what };
	__u32 i;

	for (i = 0; i < request->number && i < 16; i++) {
		record.sequence = i;
		if (request->what == 8)
			request->result |= bpf_ringbuf_output(&ring, &record, 8, 0);
		else
			request->result |= bpf_ringbuf_output(&ring, &record, sizeof(record), 0);
	}
	return request->number;
}

/* Counts in maps, on whatever CPU this runs. */
SEC("syscall")
int count(struct request *request)
{
	struct key key = { .id = request->number, .port = 1 };
	struct total *total;
	__u32 zero = 0, *small;

	total = bpf_map_lookup_elem(&percpu_array, &zero);
	if (total) {
		total->count++;
		total->sum += request->number;
	}
	small = bpf_map_lookup_elem(&percpu_hash, &key);
	if (small)
		(*small)++;
	total = bpf_map_lookup_elem(&mapped, &zero);
	if (total)
		__sync_fetch_and_add(&total->count, 1);
	bpf_map_delete_elem(&hash, &key);
	return 0;
}

/* Inserts `number` entries, from the id `what` on; the result is how many of them it could not. */
SEC("syscall")
int fill(struct request *request)
{
	struct key key = { .port = 1 };
	struct total total = { .count = 1 };
	__u32 i;

	for (i = 0; i < request->number && i < 100; i++) {
		key.id = request->what + i;
		if (bpf_map_update_elem(&hash, &key, &total, BPF_NOEXIST))
			request->result++;
	}
	return 0;
}

__s64 stack_id;

/* Sends a record, and 4 bytes that are none, through the perf buffer, and keeps its own stack. */
SEC("raw_tp/sys_enter")
int sample(struct bpf_raw_tracepoint_args *context)
{
	struct record record = { .sequence = 5, .kind = 6, .length = sizeof(record) };

	bpf_perf_event_output(context, &perf_events, BPF_F_CURRENT_CPU, &record, sizeof(record));
	bpf_perf_event_output(context, &perf_events, BPF_F_CURRENT_CPU, &record, 4);
	stack_id = bpf_get_stackid(context, &stacks, 0);
	return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
