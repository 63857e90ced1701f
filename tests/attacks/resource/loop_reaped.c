// CPU burnt in children that are reaped automatically
// EXPECT: time_limit/cpu time_limit/wall
#include <signal.h>
#include <unistd.h>
int main(void)
{
    signal(SIGCHLD, SIG_IGN);
    for (;;) {
        if (fork() == 0) {
            for (volatile int i = 0; i < 60000000; i++) {}
            _exit(0);
        }
        usleep(100000);
    }
}
