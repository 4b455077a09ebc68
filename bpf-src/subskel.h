/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the subskel_* units agree on: the types of the symbols they share. */
#ifndef SUBSKEL_H
#define SUBSKEL_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>

/* Entry of `lib_seen` and `shared_seen`. */
struct lib_sighting {
	__u64 calls;
	__s64 last_sum;
};

#endif
