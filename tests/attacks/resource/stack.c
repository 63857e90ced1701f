// endless recursion
// EXPECT: runtime_error/signal memory_limit/resident
#include <stdio.h>
static int deep(volatile int *x) { volatile int y[64] = { *x + 1 }; return deep((volatile int *)y) + y[0]; }
int main(void)
{
    volatile int x = 0;
    printf("%d\n", deep(&x));
    return 0;
}
