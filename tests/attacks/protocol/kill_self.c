// dies by its own signal: a first process of a namespace would be immune
// EXPECT: runtime_error/signal  OUTPUT: 7
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
int main(void)
{
    puts("7");
    fflush(stdout);
    kill(getpid(), SIGTERM);
    return 0;
}
