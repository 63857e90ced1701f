// a program whose loader does not exist: it cannot be executed, which is its own doing
// EXPECT: runtime_error compile_error
#include <stdio.h>
__asm__(".section .interp,\"a\"\n.string \"/nonexistent\"\n.text");
int main(void)
{
    puts("7");
    return 0;
}
