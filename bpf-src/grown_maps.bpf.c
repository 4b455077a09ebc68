// SPDX-License-Identifier: MIT OR Apache-2.0
/* The newer version of the library whose maps have values that grow. */
#define NEWER
#include "grows_maps.bpf.c"
