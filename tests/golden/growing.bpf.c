/* Structs that newer versions may make longer. */
#include <linux/bpf.h>

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
