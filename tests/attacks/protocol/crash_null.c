// a null pointer after the right answer
// EXPECT: runtime_error/signal  OUTPUT: 7
#include <stdio.h>
int main(void)
{
    puts("7");
    fflush(stdout);
    *(volatile int *)0 = 1;
    return 0;
}
