// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * A library with variables in an arena, and a list, a tree and text that it allocates there. Programs do to them what
 * user space asks for.
 */
#include <stdbool.h>
#include <linux/bpf.h>
#include <linux/errno.h>
#include <bpf/bpf_helpers.h>
#include "arena.h"

#define PAGE 4096

/* Weak, so that several libraries share the only arena that libbpf allows. */
struct {
	__uint(type, ARENA);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 100);
} arena __weak SEC(".maps");

enum color {
	RED = 1,
	BLACK,
};

/* BTF has what pointers in structs point to only if something else uses it, as `template` does. */
struct leaf {
	__u32 weight;
	enum color color;
};

struct node {
	struct node __arena *next;
	__u64 value;
	struct leaf __arena *leaf;
};

struct tally {
	__u32 pushed;
	__u16 by_kind[3];
	bool full;
};

__u64 __arena_global limit = 40;
struct tally __arena_global tally = { .by_kind = { 1, 2, 3 } };
struct node __arena *__arena_global head;
static __u32 __arena_global hidden_count = 77;
__u8 __arena_global tail[8] = "ab";

/* Outside of the arena. */
struct node __arena *last __leads_to_arena;
struct node __arena *plain;
struct leaf __arena *leaf __leads_to_arena;
struct leaf template;
__u64 addresses[4];
char __arena *text;
__u32 text_len;

struct push_args {
	__u64 value;
	__u64 count;
};

/* Allocates nodes, a page for each, and puts them first. */
SEC("syscall")
int push(struct push_args *args)
{
#ifdef __BPF_FEATURE_ADDR_SPACE_CAST
	__u64 i;

	for (i = 0; i < args->count && i < 100; i++) {
		struct node __arena *node = bpf_arena_alloc_pages(&arena, 0, 1, -1, 0);
		struct leaf __arena *of_node;

		if (!node)
			return -ENOMEM;
		if (tally.pushed >= limit) {
			bpf_arena_free_pages(&arena, node, 1);
			tally.full = true;
			return -ENOSPC;
		}
		of_node = (struct leaf __arena *)(node + 1);
		of_node->weight = args->value + i;
		of_node->color = i & 1 ? BLACK : RED;
		node->value = args->value + i;
		node->leaf = of_node;
		node->next = head;
		head = node;
		last = node;
		plain = node;
		leaf = of_node;
		tally.pushed++;
		tally.by_kind[1]++;
		hidden_count++;
	}
	return 0;
#else
	return -EOPNOTSUPP;
#endif
}

/* Frees the page of the first node, and leaves the pointer. */
SEC("syscall")
int free_first(void *ctx)
{
#ifdef __BPF_FEATURE_ADDR_SPACE_CAST
	bpf_arena_free_pages(&arena, head, 1);
	return 0;
#else
	return -EOPNOTSUPP;
#endif
}

/* Tells where the variables are: the address, and the half of it that is left as a plain pointer. */
SEC("syscall")
int tell(void *ctx)
{
#ifdef __BPF_FEATURE_ADDR_SPACE_CAST
	addresses[0] = (__u64)&limit;
	addresses[1] = (__u64)&tally;
	addresses[2] = (__u64)(void *)&head;
	addresses[3] = (__u64)(void *)&tail;
	return tail[0];
#else
	return -EOPNOTSUPP;
#endif
}

/* Writes numbers over two pages, and leaves a pointer to where they begin. */
SEC("syscall")
int write_text(void *ctx)
{
#ifdef __BPF_FEATURE_ADDR_SPACE_CAST
	char __arena *pages = bpf_arena_alloc_pages(&arena, 0, 2, -1, 0);
	int i;

	if (!pages)
		return -ENOMEM;
	text = pages + PAGE - 10;
	for (i = 0; i < 20; i++)
		text[i] = 'a' + i;
	text_len = 20;
	return 0;
#else
	return -EOPNOTSUPP;
#endif
}

char LICENSE[] SEC("license") = "GPL";
