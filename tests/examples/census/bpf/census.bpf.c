// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include <linux/bpf.h>
#include <linux/errno.h>
#include <bpf/bpf_helpers.h>
#include "census.bpf.h"

/* BPF_MAP_TYPE_ARENA, which headers older than Linux 6.9 do not have. */
#define ARENA 33

#ifdef __BPF_FEATURE_ADDR_SPACE_CAST
#define __arena __attribute__((address_space(1)))
#define __arena_global __arena
#else
#define __arena
#define __arena_global SEC(".addr_space.1")
#endif

/* Otherwise it compiles, but nothing is counted: clang before version 19, or no `-mcpu=v3`, which has atomic exchanges. */
#if defined(__BPF_FEATURE_ADDR_SPACE_CAST) && __BPF_CPU_VERSION__ >= 3
#define CAN_COUNT
#endif

void __arena *bpf_arena_alloc_pages(void *map, void __arena *addr, __u32 page_cnt, int node_id,
				    __u64 flags) __ksym __weak;

/* An object has one arena: libraries that call theirs `arena`, weak and of one size, share it. */
struct {
	__uint(type, ARENA);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1024);
} arena __weak SEC(".maps");

/* How many bits of a key choose a child. */
#define BITS 4

struct census_node {
	struct census_node __arena *child[1 << BITS];
	__u64 count;
};

/* In the arena, so pointers in it are followed without a word. */
struct census_node __arena_global census_root;

/* Elsewhere, C says that this pointer leads into the arena. */
struct census_node __arena *census_nodes __attribute__((btf_decl_tag("arena")));

__u32 census_capacity;
__u32 census_used;
__u64 census_lost;

struct census_memory {
	__u32 pages;
};

/* Allocates the nodes. Programs that count can't: only those that may sleep. */
SEC("syscall")
int census_allocate(struct census_memory *memory)
{
#ifdef CAN_COUNT
	if (census_nodes)
		return -EEXIST;
	census_nodes = bpf_arena_alloc_pages(&arena, NULL, memory->pages, -1, 0);
	if (!census_nodes)
		return -ENOMEM;
	census_capacity = memory->pages * 4096 / sizeof(struct census_node);
	return 0;
#else
	return -EOPNOTSUPP;
#endif
}

#ifdef CAN_COUNT
static struct census_node __arena *child_of(struct census_node __arena *node, __u32 index)
{
	struct census_node __arena *child = node->child[index], *other;
	__u32 free;

	if (child || census_used >= census_capacity)
		return child;
	free = __sync_fetch_and_add(&census_used, 1);
	if (free >= census_capacity)
		return NULL;
	child = census_nodes + free;
	/* Another CPU may have been faster: its node stays, this one is never used. */
	other = __sync_val_compare_and_swap(&node->child[index], NULL, child);
	return other ?: child;
}
#endif

int census_count(__u32 key)
{
#ifdef CAN_COUNT
	struct census_node __arena *node = &census_root;
	int shift;

	for (shift = 32 - BITS; shift >= 0 && node; shift -= BITS)
		node = child_of(node, key >> shift & ((1 << BITS) - 1));
	if (node) {
		__sync_fetch_and_add(&node->count, 1);
		return 1;
	}
#endif
	__sync_fetch_and_add(&census_lost, 1);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
