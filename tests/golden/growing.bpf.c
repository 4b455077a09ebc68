/* Structs that newer versions may make longer. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct stats {
	__u64 packets;
	__u64 bytes;
};

struct worker {
	__u64 id;
	struct stats stats;
};

struct stats total;
struct stats by_cpu[4];
struct worker worker;
__u64 calls;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct stats);
} by_port SEC(".maps");
