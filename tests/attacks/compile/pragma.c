// plugins and options asked for by the source
// EXPECT: accepted compile_error  OUTPUT: 7
#pragma GCC plugin "/tmp/evil.so"
#pragma GCC optimize("-fplugin=/tmp/evil.so")
#pragma GCC diagnostic fatal "-Wall"
#include <stdio.h>
int main(void)
{
    puts("7");
    return 0;
}
