/* The least that a library is: counters and a setting. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define doc(text) __attribute__((btf_decl_tag("doc: " text)))

__u64 packets doc("Packets seen, those that were dropped included.");
__u64 dropped;
const volatile __u32 sample_rate doc("One of how many packets is looked at.") = 1;
