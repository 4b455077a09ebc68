// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Who is exported and who is not. Exported: shown, shown_weak, shown_bss,
 * shown_rodata, the map shown_map and the program shown_prog. Everything else is
 * static or hidden, and two statics inside functions share a name.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

int shown = 1;
int shown_weak __weak = 2;
__u64 shown_bss;
const volatile int shown_rodata = 3;

static volatile int kept_static = 4;
static volatile int kept_static_bss;
static const volatile int kept_static_rodata = 5;
__hidden int kept_hidden = 6;
__hidden int kept_hidden_bss;
__hidden int kept_hidden_weak __weak = 7;
__hidden const volatile int kept_hidden_rodata = 8;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} shown_map SEC(".maps");

/* The scope of `count` is its function: BTF and ELF know it by another name. */
static __noinline int first(void)
{
	static volatile int count = 9;

	return count++;
}

static __noinline int second(void)
{
	static volatile int count = 10;

	return count++;
}

/* Named as the global: a static that only its function sees. */
static __noinline int third(void)
{
	static volatile int shown = 11;

	return shown++;
}

__hidden int kept_function(int n)
{
	return n + kept_hidden + kept_hidden_bss + kept_hidden_weak + kept_hidden_rodata;
}

SEC("raw_tp")
int shown_prog(void *ctx)
{
	__u32 key = 0;
	__u64 *slot = bpf_map_lookup_elem(&shown_map, &key);

	if (slot)
		*slot = shown_rodata;
	kept_static_bss += kept_static + kept_static_rodata;
	shown_bss = kept_function(shown + shown_weak);
	return first() + second() + third();
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
