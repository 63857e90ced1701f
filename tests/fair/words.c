// words to standard error by name, and beyond what pipes hold
// EXPECT: accepted  OUTPUT: 3
#include <stdio.h>
int main(void)
{
    FILE *f = fopen("/dev/stderr", "w");
    for (int i = 0; i < 20000; i++)
        fprintf(f, "line %d\n", i);
    fclose(f);
    puts("3");
    return 0;
}
