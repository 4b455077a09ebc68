/* What a snapshot reads: small values, and tables that no stack has room for. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct entry {
	__u64 count;
	__u64 sum;
};

struct table {
	struct entry entries[32768];
};

const volatile __u32 rate = 10;

__u64 samples;
__u32 widths[4] = { 1, 2, 3, 4 };
char unit[16] = "packets";
struct entry last;
struct table table;
struct table tables[2];

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

SEC("syscall")
int fill(void *ctx)
{
	samples = 7;
	widths[3] = 5;
	last.sum = 8;
	table.entries[32767].sum = 9;
	tables[1].entries[32767].count = 10;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
