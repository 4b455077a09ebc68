/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Finds slow calls: include this, and link slow_calls.bpf.o and histogram.bpf.o in. */
#ifndef SLOW_CALLS_BPF_H
#define SLOW_CALLS_BPF_H

#include <linux/types.h>

/* A call of the current thread begins; `number` says which. */
int slow_begin(__u64 number);

/* It ends; whether it was slow. */
int slow_end(void);

#endif
