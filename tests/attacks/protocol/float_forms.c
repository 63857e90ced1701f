// forms of numbers that are none: hexadecimal, infinite, with grouping
// EXPECT: wrong_answer  OUTPUT: 16.0 16.0  CHECK: float
#include <stdio.h>
int main(void)
{
    puts("0x10 1_6.0");
    return 0;
}
