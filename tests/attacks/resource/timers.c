// thousands of timers and their signals
// EXPECT: accepted time_limit runtime_error  OUTPUT: safe
#include <signal.h>
#include <stdio.h>
#include <time.h>
int main(void)
{
    struct sigevent e = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN };
    struct itimerspec t = { { 0, 1000 }, { 0, 1000 } };
    timer_t id;
    int n = 0;
    signal(SIGRTMIN, SIG_IGN);
    while (n < 20000 && timer_create(CLOCK_MONOTONIC, &e, &id) == 0) {
        timer_settime(id, 0, &t, 0);
        n++;
    }
    puts("safe");
    return 0;
}
