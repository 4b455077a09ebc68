/* Arrays that user space makes as long as it needs them. */
#include <linux/bpf.h>

struct cpu_stats {
	__u64 runs;
	__u64 time;
};

struct cpu_stats cpu_stats[1] __attribute__((section(".data.cpu_stats")));
const volatile __u32 weights[1] __attribute__((section(".rodata.weights"))) = { 1024 };
