// SPDX-License-Identifier: MIT OR Apache-2.0
/* The newer version of the library that grows. */
#define NEWER
#include "grows.bpf.c"
