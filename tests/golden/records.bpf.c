/* Types of records, which no definition of a map names. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct event {
	__u64 time;
	__u32 pid;
};
typedef struct event event_t;

struct sample {
	__u64 address;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} urgent SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} samples SEC(".maps");

/* Has the type compared, once, whichever of its names fields use. */
event_t events_record;

/* Is enough for a field that names the type, but nothing to compare. */
struct sample *unused __attribute__((unused));

/* No field names this one. */
struct task {
	int pid;
};
struct task *owner;
