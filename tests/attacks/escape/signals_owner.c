// lets the kernel signal others: as owners of descriptors, by timers
// EXPECT: accepted  OUTPUT: safe
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
int main(void)
{
    int p[2], bad = 0;
    pipe(p);
    signal(SIGIO, SIG_IGN);
    for (int pid = 1; pid < 40; pid++) {
        if (pid == getpid())
            continue;
        bad += fcntl(p[0], F_SETSIG, SIGKILL) == 0;
        fcntl(p[0], F_SETOWN, pid);
        fcntl(p[0], F_SETFL, O_ASYNC | O_NONBLOCK);
        write(p[1], "x", 1);
    }
    puts(bad ? "escaped" : "safe");
    return 0;
}
