// SPDX-License-Identifier: MIT OR Apache-2.0
/* Defines what declared.bpf.c declares, after a variable of its own. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

int app_front SEC(".data.common") = 1;
int declared_level SEC(".data.common") = 2;
