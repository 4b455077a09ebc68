// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * A library with a variable for each way in which types can drift apart. tests/kernel_drift.rs
 * builds it with lines of this text replaced, and binds the result.
 */
#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>

typedef __u32 count_t;

enum color {
	RED = 1,
	GREEN = 2,
	BLUE = -1,
};

enum huge {
	HUGE_ONE = 1,
	HUGE_TOP = 0x7000000000000000,
};

struct stats {
	__u64 packets;
	__u32 errors;
	__u32 drops;
};

struct inner {
	__u16 kind;
	__u16 len;
	__u32 hash;
};

struct middle {
	__u64 id;
	struct inner parts[2];
};

struct outer {
	__u32 version;
	struct middle mid;
};

struct flags {
	__u32 low : 3;
	__u32 mid : 5;
	__s32 high : 8;
	__u32 plain;
};

union value {
	__u64 whole;
	__u32 halves[2];
};

struct variant {
	int tag;
	union {
		int number;
		float ratio;
	};
	struct {
		__u8 first;
		__u8 second;
	};
};

struct refs {
	struct stats *stats;
	void *any;
	int (*call)(int);
	const char *name;
	struct refs *next;
};

struct packed {
	__u8 first;
	__u32 second;
} __attribute__((packed));

struct tail {
	int len;
	int items[];
};

const volatile int limit = 1;

__u32 plain;
__s64 wide;
bool flag;
double ratio;
count_t count;
enum color color;
enum huge huge;
int list[4];
__u16 grid[2][3];
struct stats totals;
struct stats by_cpu[2];
struct outer outer;
struct flags flags;
union value value;
struct variant variant;
struct refs refs;
struct packed packed;
struct tail tail = { 2, { 1, 2 } };

struct slot_key {
	__u32 pid;
	__u32 cpu;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, struct slot_key);
	__type(value, struct stats);
} slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__uint(key_size, 4);
	__uint(value_size, 8);
} sized SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE | BPF_F_RDONLY_PROG);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} mapped SEC(".maps");

struct node {
	__u64 id;
	__u32 parent;
};

/* Without it, BTF only declares the struct: it is behind a second pointer below. */
struct node root;

struct inner_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct node);
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 2);
	__type(key, __u32);
	__array(values, struct inner_map);
} by_node SEC(".maps");

/* Without types. */
struct inner_sized {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 5);
	__uint(key_size, 4);
	__uint(value_size, 8);
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 2);
	__type(key, __u32);
	__array(values, struct inner_sized);
} by_size SEC(".maps");

SEC("raw_tp")
int drift(void *ctx)
{
	return plain + limit;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
