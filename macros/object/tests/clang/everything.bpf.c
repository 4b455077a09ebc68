#define __tag(x) __attribute__((btf_decl_tag(x)))
#define __type_tag(x) __attribute__((btf_type_tag(x)))
#define SEC(x) __attribute__((section(x)))

enum small { A = -1, B = 5 };
enum plain { P = 4000000000u, Q = 0 };
enum wide { C = 1ull << 40, D = ~0ull };
enum negative { N = -(1ll << 40) };
enum tiny { T } __attribute__((packed));
struct s {
	int a : 3;
	unsigned b : 5;
	_Bool c : 1;
	struct s *next;
	float f;
	_Bool t;
	struct { char x; union { long y; int z; }; } in __tag("inner");
};
typedef struct s s_t __tag("typedef");
typedef const volatile s_t *s_p;
struct __attribute__((packed)) odd { char c; long l; __int128 w; } __tag("first") __tag("second");
struct flexible { int n; int x[]; };
struct forward;
union forward_union;

struct s v;
enum small small;
enum plain plain;
enum wide wide;
enum negative negative;
enum tiny tiny;
struct odd odd;
s_p p;
int arr[3][4];
struct forward *fw;
union forward_union *fu;
double d;
char *restrict rp;
int __type_tag("user") *tp;
void (*fp)(int a, ...);
struct flexible flexible = { 1, { 1, 2, 3 } };
static volatile const int k = 5;
extern int ex;
extern const int CONFIG_HZ SEC(".kconfig");
extern const void ksym_var SEC(".ksyms");
extern int ksym_func(int) SEC(".ksyms");
__attribute__((weak)) int weak_var;
__attribute__((visibility("hidden"))) int hidden_var = 7;
static __attribute__((noinline)) int internal(int a) { return a * k; }
int exported(int a __tag("parameter")) { return internal(a); }
SEC("raw_tp") int prog(void *ctx) { return ex + k + CONFIG_HZ + (long)&ksym_var + ksym_func(1); }
char LICENSE[] SEC("license") = "GPL";
