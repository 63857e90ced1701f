// busy loop with every signal ignored or blocked
// EXPECT: time_limit/cpu
#include <signal.h>
int main(void)
{
    sigset_t all;
    for (int i = 1; i < 65; i++)
        signal(i, SIG_IGN);
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, 0);
    for (volatile int i = 0;; i++) {}
}
