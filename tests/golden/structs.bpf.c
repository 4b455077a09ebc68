/* A struct with padding, bitfields, a union and a nested struct, an enum, and typedefs. */
#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define doc(text) __attribute__((btf_decl_tag("doc: " text)))

enum state {
	STATE_IDLE,
	STATE_BUSY = 5,
};

typedef __u64 nanoseconds doc("A duration.");

struct worker {
	__u32 pid doc("The thread.");
	enum state state;
	bool urgent : 1;
	__u32 priority : 7;
	char name[16];
	union {
		__u32 cpu;
		__u8 node;
	};
	nanoseconds busy;
	struct worker *next;
} doc("A thread that does work.");

struct packed_header {
	__u8 kind;
	__u32 length;
} __attribute__((packed));

struct worker workers[4] doc("All of them.");
struct packed_header header;
int jobs __attribute__((section(".data.Jobs"))) = 3;
