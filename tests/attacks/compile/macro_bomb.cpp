// a macro whose arguments double at every level
// EXPECT: compile_error
#define A(x) x, x, x, x, x, x, x, x, x, x
#define B(x) A(A(A(A(x))))
#define C(x) B(B(x))
int x[] = {C(C(1))};
int main() {}
