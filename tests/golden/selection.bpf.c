/* More than a companion crate wants. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static const volatile enum {
	SLOT_COUNT = 8,
	NO_LIMIT = -1,
} constants __attribute__((used)) = SLOT_COUNT;

struct slot {
	__u64 count;
	__u64 sum;
};

struct unused {
	__u64 nothing;
};

__u64 samples;
__u64 last_sample;
__u32 drops;
struct slot slots[SLOT_COUNT];
struct unused unused;
const volatile __u32 sample_rate = 10;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct slot);
} by_pid SEC(".maps");
