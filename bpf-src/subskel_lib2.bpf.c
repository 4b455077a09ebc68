// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * The second library: it defines the variable and the map that subskel_lib.bpf.c
 * declares extern. The neighbour keeps `shared_level` off offset 0.
 */
#include "subskel.h"

int lib2_first = 11;
int shared_level = 500;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct lib_sighting);
} shared_seen SEC(".maps");

int lib2_touch(void)
{
	return shared_level + lib2_first;
}
