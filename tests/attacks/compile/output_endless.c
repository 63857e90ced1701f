// messages without end
// EXPECT: compile_error
#define W _Pragma("GCC warning \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"")
#define A(x) x x x x x x x x x x
#define B A(A(A(A(A(W)))))
#pragma message "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
B
int main(void) { return y; }
