/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Walks the user stacks of chosen processes: include this, and link stacks.bpf.o in. */
#ifndef STACKS_BPF_H
#define STACKS_BPF_H

#include <linux/types.h>

/* Sends the current thread's user stack to user space, if its process was asked for. `ip` and `fp` are its
 * instruction and frame pointers. Returns the number of frames, or 0. */
int stacks_collect(__u64 ip, __u64 fp);

#endif
