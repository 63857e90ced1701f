// names the compiler's own temporary files
// EXPECT: compile_error
#include "main.s"
#include "main.o"
#include "/tmp/main"
int main(void) { return 0; }
