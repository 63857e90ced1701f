// crashes after the right answer
// EXPECT: runtime_error/signal  OUTPUT: 7
#include <stdio.h>
#include <stdlib.h>
int main(void)
{
    puts("7");
    fflush(stdout);
    abort();
}
