// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * A BPF library of which a companion crate takes what it needs: a sampler with settings,
 * counters, a histogram and events, and with names that are out of its reach.
 */
#include <stdbool.h>
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

#define doc(text) __attribute__((btf_decl_tag("doc: " text)))

/*
 * How BPF libraries share constants. Clang writes an enum to BTF if something has its type; a
 * constant's use is not enough.
 */
static const volatile enum {
	SLOT_COUNT = 64,
	SAMPLE_MAX = 1000,
	LEVEL_UNSET = -1,
} constants __attribute__((used)) = SLOT_COUNT;

enum mode {
	MODE_OFF,
	MODE_ON,
	MODE_DEBUG = 10,
};

struct slot {
	__u64 count doc("How many values fell into this slot.");
	__u64 sum;
} doc("One slot of the histogram.");

struct event {
	__u32 pid;
	__u32 cpu;
	__u64 when;
	char comm[16];
};

/* .rodata and .rodata.tuning */
const volatile __u32 sample_rate doc("One of how many events is sampled.") = 10;
const volatile bool verbose = false;
const volatile __u32 tuning SEC(".rodata.tuning") = 3;

/* .bss, .data, .data.custom */
__u64 samples doc("Events sampled so far.");
__u32 drops;
__s64 balance;
__u64 hist_last;
enum mode mode = MODE_ON;
struct event last_event;
struct slot slots[SLOT_COUNT];
__u32 weights[4] = { 1, 2, 3, 4 };
__u64 custom SEC(".data.custom") = 5;
enum { SHAPE_LINEAR, SHAPE_LOG2 = 2 } shape = SHAPE_LOG2;
int level = LEVEL_UNSET;

extern int CONFIG_HZ __kconfig __weak;

/* Out of reach. */
static volatile __u64 calls;
__hidden __u64 hidden_calls;
/* libbpf 1.7 makes no map of this section, and takes no program that uses one of its variables. */
__u64 calls_by_cpu SEC(".percpu");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct slot);
} by_pid SEC(".maps") doc("What each process contributed.");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__uint(key_size, 4);
	__uint(value_size, 8);
} untyped SEC(".maps");

/* For the application to call. */
int sample(__u64 value)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;
	struct slot *slot, first = { .count = 1, .sum = value };
	struct event *event;

	calls++;
	hidden_calls++;
	if (mode == MODE_OFF || value > SAMPLE_MAX)
		return 0;
	__sync_fetch_and_add(&samples, 1);
	__sync_fetch_and_add(&slots[value % SLOT_COUNT].count, 1);
	hist_last = value;

	slot = bpf_map_lookup_elem(&by_pid, &pid);
	if (slot)
		slot->count++;
	else
		bpf_map_update_elem(&by_pid, &pid, &first, BPF_ANY);

	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		drops++;
		return 1;
	}
	event->pid = pid;
	event->cpu = bpf_get_smp_processor_id();
	event->when = bpf_ktime_get_ns();
	bpf_get_current_comm(event->comm, sizeof(event->comm));
	last_event = *event;
	bpf_ringbuf_submit(event, 0);
	return 1;
}

SEC("raw_tp/sys_enter") doc("Samples the number of each system call.")
int on_enter(struct bpf_raw_tracepoint_args *ctx)
{
	__u32 zero = 0;

	bpf_map_lookup_elem(&untyped, &zero);
	if (verbose)
		balance = CONFIG_HZ;
	custom = tuning + weights[0] + level + shape;
	return sample(ctx->args[1] / (sample_rate ?: 1));
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
