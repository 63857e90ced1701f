// a program of gigabytes
// EXPECT: compile_error
char x[4000000000] = { 1 };
int main(void) { return x[1]; }
