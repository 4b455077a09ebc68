/* A struct of more than half a megabyte, as schedulers have for each CPU or task: too large for many a stack. */
#include <linux/types.h>

struct slot {
	__u32 cpu;
	__u8 busy;
	__u64 count;
};

struct large {
	char name[16];
	__u64 counts[65536];
	struct slot slots[4096];
};

struct large large_bss;
struct large large_data = { .name = "large", .counts = { 1, 2, 3 }, .slots = { [4095] = { .cpu = 5, .count = 6 } } };
const volatile struct large large_rodata = { .counts = { [65535] = 7 } };
