// a macro that doubles thirty times
// EXPECT: compile_error
#define A(x) x x
#define B(x) A(A(A(A(A(x)))))
#define C(x) B(B(B(x)))
#define D(x) C(C(x))
int main(void) { int n = 0; D(n++;) return n; }
