// sleeps with every signal blocked
// EXPECT: time_limit/wall
#include <signal.h>
#include <unistd.h>
int main(void)
{
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, 0);
    for (;;)
        sleep(1000);
}
