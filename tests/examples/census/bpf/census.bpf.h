/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
#ifndef CENSUS_BPF_H
#define CENSUS_BPF_H

#include <linux/types.h>

/* Counts a key; 0 if there is no memory left for it. */
int census_count(__u32 key);

#endif
