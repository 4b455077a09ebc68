// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * A library of programs that user space can call with what the kernel would call them
 * with: packets, the arguments of a tracepoint, a lookup of a socket. And one whose target
 * user space names.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

__u64 run_attached;

/* Drops packets that begin with 0xff; cuts the others off after 64 bytes. */
SEC("xdp")
int run_xdp(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u8 *first = data;

	if (data + 64 > end)
		return XDP_ABORTED;
	if (*first == 0xff)
		return XDP_DROP;
	*first += 1;
	if (bpf_xdp_adjust_tail(ctx, 64 - (int)(end - data)))
		return XDP_ABORTED;
	return XDP_PASS;
}

/* Adds what is in the mark to the first word of `cb`, and makes the packet longer. */
SEC("tc")
int run_tc(struct __sk_buff *skb)
{
	skb->cb[0] += skb->mark;
	skb->mark = 1;
	return bpf_skb_change_tail(skb, 4000, 0);
}

SEC("raw_tp/sys_enter")
int run_raw_tp(__u64 *args)
{
	return args[0] - args[1];
}

/* Says no to port 7. */
SEC("sk_lookup")
int run_sk_lookup(struct bpf_sk_lookup *ctx)
{
	return ctx->local_port == 7 ? SK_DROP : SK_PASS;
}

/* Attached where user space says. */
SEC("tp_btf")
int run_on_target(void *ctx)
{
	__sync_fetch_and_add(&run_attached, 1);
	return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
