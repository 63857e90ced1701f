// includes an endless device
// EXPECT: compile_error
#include "/dev/urandom"
int main() {}
