// as many queued signals and timers as a user may have, left behind by children that nobody reaped
// EXPECT: accepted  OUTPUT: 7  INPUT: twice
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>
int main(void)
{
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    for (int k = 0; k < 4; k++)
        if (fork() == 0) {
            timer_t t;
            for (int i = 0; i < 2000; i++)
                if (timer_create(CLOCK_MONOTONIC, NULL, &t) == 0)
                    timer_settime(t, 0, &(struct itimerspec){{0, 0}, {100, 0}}, NULL);
            for (int i = 0; i < 2000; i++)
                sigqueue(getpid(), SIGRTMIN, (union sigval){0});
            _exit(0);
        }
    usleep(50000);
    puts("7");
    return 0;
}
