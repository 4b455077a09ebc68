// SPDX-License-Identifier: MIT OR Apache-2.0
/* The host of unresolved.bpf.c: defines all that the library only declares. */
#include "unresolved.h"

/* The neighbours keep the library's externs off offset 0. */
int host_first = 1;
int host_level = 5;
const volatile int host_first_limit = 2;
const volatile int host_limit = 10;

struct host_map host_events SEC(".maps");

__noinline int app_hook(int level)
{
	return level * 2;
}
