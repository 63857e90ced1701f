// 700 MB that nobody touches, at 256
// EXPECT: accepted  OUTPUT: 12  LIMITS: memory_kb=262144
#include <stdio.h>
#include <stdlib.h>
static char large[700000000];
int main(void)
{
    char *more = malloc(700000000);
    large[5] = 5;
    more[7] = 7;
    printf("%d\n", large[5] + more[7]);
    return 0;
}
