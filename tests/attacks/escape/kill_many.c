// signals to every number there may be
// EXPECT: accepted  OUTPUT: safe
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
int main(void)
{
    for (int p = 1; p < 70000; p++)
        if (p != getpid())
            kill(p, SIGKILL), kill(-p, SIGTERM);
    puts("safe");
    return 0;
}
