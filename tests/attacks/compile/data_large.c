// thirty megabytes of program: the folder of programs must never fill up (with those that follow)
// EXPECT: accepted compile_error  OUTPUT: 7
#include <stdio.h>
static char x[20 << 20] = { 1 };
int main(void)
{
    printf("%d\n", x[0] + 6);
    return 0;
}
