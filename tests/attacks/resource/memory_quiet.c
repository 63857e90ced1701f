// heap to the end of the address space, then the right answer: the peak counts
// EXPECT: memory_limit  OUTPUT: 7
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int main(void)
{
    volatile char *p = malloc(100 << 20);
    if (p) {
        for (int i = 0; i < 100 << 20; i += 4096)
            p[i] = 1;
        free((void *)p);
    }
    puts("7");
    return 0;
}
