/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Which CPUs share a cache: include this, and link topology.bpf.o in. */
#ifndef TOPOLOGY_BPF_H
#define TOPOLOGY_BPF_H

#include <linux/types.h>

/* Numbers are 64 bits wide, as registers are: the verifier then sees that they were compared. */
#define TOPO_MAX_CPUS 512
#define TOPO_MAX_DOMAINS 64

/* The domain of a CPU, or TOPO_MAX_DOMAINS if user space did not set it up. */
__u64 topo_domain(__u64 cpu);

/* Counts a switch of a task from one CPU to another; whether they share a cache. */
int topo_migration(__u64 from, __u64 to);

#endif
