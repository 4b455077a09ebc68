/* Programs, and variables in a section of their own. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define doc(text) __attribute__((btf_decl_tag("doc: " text)))

__u64 entered SEC(".data.counters");

SEC("raw_tp/sys_enter") doc("Counts the entries into system calls.")
int on_enter(void *ctx)
{
	__sync_fetch_and_add(&entered, 1);
	return 0;
}

SEC("?raw_tp/sys_exit")
int on_exit(void *ctx)
{
	return 0;
}
