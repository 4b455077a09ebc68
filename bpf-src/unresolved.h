/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The type of the map that unresolved.bpf.c declares and unresolved_app.bpf.c defines. */
#ifndef UNRESOLVED_H
#define UNRESOLVED_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct host_event {
	__u32 level;
	__u32 verdict;
};

struct host_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct host_event);
};

#endif
