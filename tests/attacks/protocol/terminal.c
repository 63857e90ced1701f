// the same, and an answer of control characters only
// EXPECT: wrong_answer  OUTPUT: 7
#include <stdio.h>
int main(void)
{
    fputs("\033c\033[6n\033P+q\033\\\007\r\n", stderr);
    fputs("\033[1A\033[2K\b7", stdout);
    return 0;
}
