/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* A log2 histogram for BPF programs: include this, and link histogram.bpf.o in. */
#ifndef HISTOGRAM_BPF_H
#define HISTOGRAM_BPF_H

#include <linux/types.h>

/* What the values are: "" for a plain count. The library's own definition is weak, define it to
 * name yours. */
extern char hist_unit[16];

/* Counts `value`, for the machine and for the current process. Returns its bucket, or -1 if it was not
 * counted: below `hist_min`, or while `hist_enabled` is false. */
int hist_record(__u64 value);

#endif
