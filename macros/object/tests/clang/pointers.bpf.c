struct list {
	struct list *next;
	void (*hook)(struct list *, int);
	const char *name[2][3];
};
struct list list;
extern const int elsewhere;
int pointers_use(void) { return elsewhere; }
