// calls that this program was never told about
// EXPECT: accepted  OUTPUT: safe
#include <errno.h>
#include <stdio.h>
#include <unistd.h>
int main(void)
{
    int bad = 0;
    for (int n = 470; n < 600; n++)
        bad += syscall(n, -1, -1, -1, -1, -1, -1) >= 0 || errno != ENOSYS;
    puts(bad ? "escaped" : "safe");
    return 0;
}
