// includes folders, programs and archives
// EXPECT: compile_error
#include "/usr/bin/python3"
#include "/usr/lib"
#include "/tmp"
int main(void) { return 0; }
