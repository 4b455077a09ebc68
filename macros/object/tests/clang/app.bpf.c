/* What flexible.bpf.c and pointers.bpf.c leave to others, so that the linker has a job. */
static volatile int list = 1;
int unknown[4];
const int elsewhere = 2;
int app_weak __attribute__((weak)) = 7;
__attribute__((section("raw_tp"))) int app(void *ctx) { return list + app_weak; }
