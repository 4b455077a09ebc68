// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * A library whose variables programs and user space write at the same time: a counter, and a
 * value too wide for one store.
 */
#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>

#define ROUNDS 1000

enum phase {
	PHASE_EVEN = 2,
	PHASE_ODD = -3,
};

struct wide {
	__u64 first;
	__u64 second;
	__u64 rest[5];
	enum phase phase;
	bool odd;
};

const volatile __u32 rounds = ROUNDS;

__u64 hits;
__u32 small_hits;
struct wide wide;

/* Counts ROUNDS times, as user space does meanwhile. */
SEC("raw_tp")
int contended_count(void *ctx)
{
	int i;

	for (i = 0; i < ROUNDS; i++) {
		__sync_fetch_and_add(&hits, 1);
		__sync_fetch_and_add(&small_hits, 1);
	}
	return 0;
}

/* Writes one of two values to all of `wide`, by turns. */
SEC("raw_tp")
int contended_write(void *ctx)
{
	int i, k;

	for (i = 0; i < ROUNDS; i++) {
		bool odd = i & 1;
		__u64 word = odd ? 0x1111111111111111 : 0x2222222222222222;
		volatile struct wide *to = &wide;

		to->first = word;
		to->second = word;
		for (k = 0; k < 5; k++)
			to->rest[k] = word;
		to->phase = odd ? PHASE_ODD : PHASE_EVEN;
		to->odd = odd;
	}
	return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
