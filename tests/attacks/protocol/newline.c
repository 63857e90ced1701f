// the right answer without a newline, in single bytes, between all kinds of white space
// EXPECT: accepted  OUTPUT: 12 34
#include <unistd.h>
int main(void)
{
    const char *s = "\r\n\v\f\t 12\r\n\n 34";
    for (; *s; s++) {
        write(1, s, 1);
        usleep(1000);
    }
    return 0;
}
