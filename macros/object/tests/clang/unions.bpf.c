union { int i; struct { short s; char c; } pair; float f; } named;
struct { int kind; union { long l; struct { char a, b; }; }; } nested[2];
