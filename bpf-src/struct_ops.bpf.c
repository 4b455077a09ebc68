// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * A library of struct_ops: three TCP congestion controls, of which one has no link and one
 * is not made unless asked for, and a program that none has.
 */
#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct sock;
struct ack_sample;
struct rate_sample;

/*
 * As much of the kernel's as is needed here: libbpf finds each member by its name
 * (bpf_map__init_kern_struct_ops).
 */
struct tcp_congestion_ops {
	__u32 (*ssthresh)(struct sock *sk);
	void (*cong_avoid)(struct sock *sk, __u32 ack, __u32 acked);
	__u32 (*undo_cwnd)(struct sock *sk);
	void (*init)(struct sock *sk);
	__u32 flags;
	char name[16];
};

__u64 cc_inits;
__u64 cc_other_inits;

SEC("struct_ops")
__u32 BPF_PROG(cc_ssthresh, struct sock *sk)
{
	return 2;
}

SEC("struct_ops")
void BPF_PROG(cc_cong_avoid, struct sock *sk, __u32 ack, __u32 acked)
{
}

SEC("struct_ops")
__u32 BPF_PROG(cc_undo_cwnd, struct sock *sk)
{
	return 10;
}

SEC("struct_ops")
void BPF_PROG(cc_init, struct sock *sk)
{
	__sync_fetch_and_add(&cc_inits, 1);
}

/* In none: for user space to choose. */
SEC("?struct_ops")
void BPF_PROG(cc_other_init, struct sock *sk)
{
	__sync_fetch_and_add(&cc_other_inits, 1);
}

SEC(".struct_ops.link")
struct tcp_congestion_ops cc_linked = {
	.ssthresh = (void *)cc_ssthresh,
	.cong_avoid = (void *)cc_cong_avoid,
	.undo_cwnd = (void *)cc_undo_cwnd,
	.init = (void *)cc_init,
	.name = "bpf_linked",
};

/* Registered as long as the map has an entry: there is no link. */
SEC(".struct_ops")
struct tcp_congestion_ops cc_unlinked = {
	.ssthresh = (void *)cc_ssthresh,
	.cong_avoid = (void *)cc_cong_avoid,
	.undo_cwnd = (void *)cc_undo_cwnd,
	.name = "bpf_unlinked",
};

SEC("?.struct_ops.link")
struct tcp_congestion_ops cc_optional = {
	.ssthresh = (void *)cc_ssthresh,
	.cong_avoid = (void *)cc_cong_avoid,
	.undo_cwnd = (void *)cc_undo_cwnd,
	.name = "bpf_optional",
};

char LICENSE[] SEC("license") = "Dual MIT/GPL";
