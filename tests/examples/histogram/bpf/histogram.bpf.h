/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* A log2 histogram for BPF programs: include this, and link histogram.bpf.o in. */
#ifndef HISTOGRAM_BPF_H
#define HISTOGRAM_BPF_H

#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct hist_slot {
	__u64 count;
	__u64 sum;
};

struct hist_task {
	struct hist_slot total;
	char comm[16];
};

struct hist_tasks {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, __u32); /* process id */
	__type(value, struct hist_task);
};

/* What each process contributed. */
extern struct hist_tasks hist_tasks SEC(".maps");

/* Nothing is counted while this is false. */
extern bool hist_enabled;

/* What the values are: "" for a plain count. The library's own definition is weak, define it to
 * name yours. */
extern char hist_unit[16];

/* Counts `value`, for the machine and for the current process. Returns its bucket, or -1 if it was not
 * counted: below `hist_min`, or while `hist_enabled` is false. */
int hist_record(__u64 value);

#endif
