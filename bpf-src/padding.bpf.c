// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * A library whose keys and values have bytes that no member names: between members, after the
 * last one, beside bitfields, and in unions of members of different sizes.
 */
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

/* 3 bytes of padding after `kind`, 2 after `port`. */
struct holed_key {
	__u8 kind;
	__u32 id;
	__u16 port;
};

/* 1 byte of padding. */
struct holed_part {
	__u16 wide;
	__u8 narrow;
};

struct holed_value {
	__u8 first;
	/* 7 bytes of padding. */
	__u64 total;
	struct holed_part parts[2];
	/* 21 bits that nobody has. */
	__u32 low : 3, high : 8;
	union {
		__u8 small;
		__u32 large;
	};
	__u8 last;
	/* 7 bytes of padding. */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, struct holed_key);
	__type(value, struct holed_value);
} holed SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 8);
	__type(key, struct holed_key);
	__type(value, struct holed_part);
} holed_percpu SEC(".maps");

struct holed_key seen_key;
struct holed_value seen_value;
/* Whether the program found `seen_key`. */
int found;

static void fill(volatile __u8 *bytes, int size)
{
	int i;

	for (i = 0; i < size; i++)
		bytes[i] = 0xa5;
}

/* Leaves something in all padding, and then sets each member. */
SEC("raw_tp")
int holed_scribble(void *ctx)
{
	fill((volatile __u8 *)&seen_key, sizeof(seen_key));
	fill((volatile __u8 *)&seen_value, sizeof(seen_value));
	seen_key.kind = 1;
	seen_key.id = 2;
	seen_key.port = 3;
	seen_value.total = 4;
	return 0;
}

/* Looks up what `seen_key` holds, with nothing in the padding. */
SEC("raw_tp")
int holed_find(void *ctx)
{
	struct holed_key key;

	__builtin_memset(&key, 0, sizeof(key));
	key.kind = seen_key.kind;
	key.id = seen_key.id;
	key.port = seen_key.port;
	found = bpf_map_lookup_elem(&holed, &key) != NULL;
	return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
