/* A congestion control: a struct of the kernel's whose functions are programs. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define doc(text) __attribute__((btf_decl_tag("doc: " text)))

struct sock;

/* The part of the kernel's that is needed. */
struct tcp_congestion_ops {
	void (*init)(struct sock *sk);
	__u32 flags;
	char name[16];
};

SEC("struct_ops")
int quiet_init(__u64 *context)
{
	return 0;
}

SEC(".struct_ops.link")
struct tcp_congestion_ops quiet doc("Gives way to all others.") = {
	.init = (void *)quiet_init,
	.name = "bpf_quiet",
};

char LICENSE[] SEC("license") = "Dual MIT/GPL";
