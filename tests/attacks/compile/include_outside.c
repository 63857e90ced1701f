// includes files of the machine outside: they are not there
// EXPECT: compile_error/compiler
#include "/etc/passwd"
#include "/tmp/aletheia-canary"
int main(void) { return 0; }
