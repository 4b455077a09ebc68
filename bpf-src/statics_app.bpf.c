// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * An application with statics named as globals of statics.bpf.c, of the same type and in
 * the same sections: binding must take the globals. Linked in front of the library and
 * linked twice, the result is broken: libbpf's linker looks symbols up by name alone, and
 * gives the global the static's offset in BTF.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static volatile int shown = 111;
static volatile __u64 shown_bss;
static const volatile int shown_rodata = 333;

int app_seen;

SEC("raw_tp")
int app_look(void *ctx)
{
	shown_bss++;
	app_seen = shown + shown_rodata;
	return app_seen;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
