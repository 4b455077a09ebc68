// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Layouts and names that code which is generated from them may trip over. Each of these
 * was once a type that did not compile, or did not bind.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* --- Names that the generated code has itself ---------------------------- */

struct A {
	int A;
	unsigned int T : 3;
};
struct types {
	int types;
};
struct fields {
	int fields;
};
struct config {
	int config;
};
struct btf {
	int btf;
};
struct LIBRARY {
	int library;
};

struct A odd_a = { .A = 1, .T = 2 };
struct types odd_types = { 1 };
struct fields odd_fields = { 2 };
struct config odd_config = { 3 };
struct btf odd_btf = { 4 };
struct LIBRARY odd_library = { 5 };

char LICENSE[] SEC("license") = "Dual MIT/GPL";
