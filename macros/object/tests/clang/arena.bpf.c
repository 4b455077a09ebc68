#define ARENA __attribute__((section(".addr_space.1")))
union either { int *number; struct node *node; };
struct node {
	struct node *next;
	union either (*pairs)[2];
	struct node **many;
};
struct node *first ARENA;
/* No `int`: clang 16 fails to pad this section. */
long sum ARENA = 1;
union either marked __attribute__((btf_decl_tag("arena")));
union either *either;
