struct point { int x, y; };
typedef struct __attribute__((packed)) { char c; struct point at[2]; long l; } tight;
struct loose { __int128 wide; char c; } __attribute__((aligned(32)));

tight packed;
struct loose loose __attribute__((section(".data.custom"))) = { 1 };
const volatile struct { int a; struct { int b; } in[2]; } anonymous = { 1 };
