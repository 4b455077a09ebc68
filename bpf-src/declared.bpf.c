// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * A library that declares a variable and says which section it is in. Unlike a plain
 * declaration this puts it into BTF's section, where libbpf's linker takes offset 0 for it.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern int declared_level SEC(".data.common");

SEC("raw_tp")
int declared_look(void *ctx)
{
	return declared_level;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
