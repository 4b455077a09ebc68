struct module;
struct inner { void (*not_here)(void); };
struct calls {
	void (*start)(int);
	struct module *owner;
	struct inner inner;
	struct { int (*nor_here)(void); };
	union { long (*or_here)(void); long number; };
	unsigned int a : 3, b : 7;
	char name[5];
	int (*stop)(struct calls *);
};
struct type { int (*only)(void); };
__attribute__((section("struct_ops/start"))) int started(void *ctx) { return 0; }
__attribute__((section("?.struct_ops"))) struct calls off;
__attribute__((section(".struct_ops.link"))) struct calls on = { .start = (void *)started };
__attribute__((section(".struct_ops.link"))) struct type other;
__attribute__((section(".struct_ops"), used)) static struct type unseen;
