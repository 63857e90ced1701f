// its own source beside it, which it cannot write to
// EXPECT: accepted  OUTPUT: 47  NEEDS: namespaces
#include <stdio.h>
int main(void)
{
    FILE *f = fopen(__FILE__, "r"), *g = fopen(__FILE__, "r+");
    int c = f ? getc(f) : 0;
    printf("%d\n", g ? 0 : c);
    return 0;
}
