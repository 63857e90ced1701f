// a non-zero status after the right answer
// EXPECT: runtime_error/exit  OUTPUT: 7
#include <stdio.h>
int main(void)
{
    puts("7");
    return 1;
}
