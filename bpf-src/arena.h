/* Pointers into an arena. */
#pragma once

#include <bpf/bpf_helpers.h>

#ifdef __BPF_FEATURE_ADDR_SPACE_CAST
#define __arena __attribute__((address_space(1)))
#define __arena_global __arena
#else
/* Before version 19, clang has no such pointers. Nothing here follows one then. */
#define __arena
#define __arena_global SEC(".addr_space.1")
#endif

/* BPF_MAP_TYPE_ARENA, which headers older than Linux 6.9 do not have. */
#define ARENA 33

/* Address spaces are not in BTF: this tells user space of a pointer that is outside of the arena and leads into it. */
#define __leads_to_arena __attribute__((btf_decl_tag("arena")))

void __arena *bpf_arena_alloc_pages(void *map, void __arena *addr, __u32 page_cnt, int node_id,
				    __u64 flags) __ksym __weak;
void bpf_arena_free_pages(void *map, void __arena *ptr, __u32 page_cnt) __ksym __weak;
