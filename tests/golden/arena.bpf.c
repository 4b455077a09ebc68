/* Variables in an arena, and a list that is allocated there. Only its head is elsewhere. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "arena.h"

struct {
	__uint(type, ARENA);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 64);
} arena SEC(".maps");

struct visit {
	__u64 address;
	struct visit __arena *next;
};

struct visit __arena *newest __leads_to_arena;

__u64 __arena_global visits;
struct visit __arena_global first = { .address = 1 };
char __arena_global label[8] = "visits";

char LICENSE[] SEC("license") = "GPL";
