// CPU burnt in siblings (CLONE_PARENT) while the main process sleeps
// EXPECT: time_limit
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(void)
{
    for (int i = 0; i < 8; i++)
        if (syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0) == 0)
            for (volatile int j = 0;; j++) {}
    for (;;)
        pause();
}
