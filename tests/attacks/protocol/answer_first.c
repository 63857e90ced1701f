// answers much before it reads much, byte after byte
// EXPECT: accepted  OUTPUT: large  INPUT: large
#include <stdio.h>
int main(void)
{
    for (int i = 0; i < 150000; i++)
        fputs("x ", stdout);
    fflush(stdout);
    for (int n = 0; getchar() != EOF; n++)
        if (n < 1000)
            fputc(' ', stderr), fflush(stderr);
    return 0;
}
