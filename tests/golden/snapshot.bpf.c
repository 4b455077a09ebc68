/* Snapshots: values, arrays, and what is too large for the stack. */

typedef unsigned int u32;
typedef unsigned long long u64;

struct totals {
	u64 packets;
	u64 bytes;
};

struct history {
	struct totals seconds[3600];
};

u64 samples;
struct totals totals;
struct totals per_cpu[8];
struct history history;
char unit[16] __attribute__((section(".data"))) = "packets";
const volatile u32 rate = 10;
extern int level;

int *keep(void)
{
	return &level;
}
