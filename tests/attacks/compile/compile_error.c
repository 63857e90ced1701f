// not C
// EXPECT: compile_error/compiler
int main(void) { return x; }
