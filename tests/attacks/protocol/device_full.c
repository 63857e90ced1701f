// the same without looking at what write says
// EXPECT: wrong_answer  OUTPUT: 7
#include <stdio.h>
int main(void)
{
    freopen("/dev/full", "w", stdout);
    puts("7");
    return 0;
}
