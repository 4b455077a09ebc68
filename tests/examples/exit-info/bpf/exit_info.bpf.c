// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include <linux/bpf.h>
#include "exit_info.bpf.h"

struct exit_info exit_info;

char LICENSE[] SEC("license") = "Dual BSD/GPL";
