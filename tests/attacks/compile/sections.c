// sections that the loader trips over: a stack that executes, notes that lie
// EXPECT: accepted runtime_error compile_error  OUTPUT: 7
#include <stdio.h>
__asm__(".section .note.GNU-stack,\"x\"\n.section .note.gnu.property,\"a\"\n.long 4,0x7fffffff,5\n.string \"GNU\"\n.text");
int main(void)
{
    puts("7");
    return 0;
}
