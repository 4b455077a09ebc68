struct { int n; struct { char a; short b; } at[]; } flexible = { 1, { { 1, 2 } } };
extern int unknown[];
int flexible_use(void) { return unknown[1]; }
