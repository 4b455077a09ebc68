// SPDX-License-Identifier: MIT OR Apache-2.0
/* Structs with what makes it hard to compare them: padding, bitfields, floats, unions. */
#include <stdbool.h>
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

enum state {
	STATE_IDLE,
	STATE_BUSY = 5,
};

struct padded {
	__u8 kind;
	__u32 length;
};

struct flags {
	__u8 first;
	__u32 low : 3;
	__u32 : 5;
	__s32 high : 4;
	__u8 last;
};

struct task {
	__u32 pid;
	enum state state;
	char comm[16];
	bool running;
	__u64 slots[40];
	struct flags flags;
	struct task *next;
	bool by_cpu[2][33];
};

struct tight {
	__u8 kind;
	__u64 when;
	__u32 low : 3;
} __attribute__((packed));

struct limits {
	__u32 min : 4;
	__u32 max : 4;
};

struct padded padded;
struct flags flags;
struct task task;
struct tight tight;
struct limits limits;
bool switches[3];
char label[8] = "task";
