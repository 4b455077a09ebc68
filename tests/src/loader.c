// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * A loader that knows nothing of bpf-subskeleton: loads an object, says so, and does what it is told.
 *
 *	loader OBJECT			load and keep it until standard input ends
 *	loader OBJECT FOLDER		load, pin the programs in FOLDER and exit
 *
 * Standard input: "run PROGRAM COUNT" runs a program so many times.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	struct bpf_object *object = bpf_object__open_file(argv[1], NULL);
	struct bpf_prog_info info = {};
	struct bpf_program *program;
	__u32 size = sizeof(info);
	char name[64];
	int count;

	if (!object || bpf_object__load(object))
		return 1;
	if (argc > 2)
		return bpf_object__pin_programs(object, argv[2]) ? 2 : 0;
	program = bpf_object__next_program(object, NULL);
	if (bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size))
		return 3;
	printf("%u\n", info.id);
	fflush(stdout);
	while (scanf(" run %63s %d", name, &count) == 2) {
		program = bpf_object__find_program_by_name(object, name);
		while (count--) {
			LIBBPF_OPTS(bpf_test_run_opts, options);
			if (bpf_prog_test_run_opts(bpf_program__fd(program), &options))
				return 4;
		}
		printf("done\n");
		fflush(stdout);
	}
	return 0;
}
