// data of gigabytes
// EXPECT: compile_error
int x[1000000000] = {1, [999999999] = 2};
int main() { return x[1]; }
