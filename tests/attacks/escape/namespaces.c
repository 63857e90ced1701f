// every namespace by clone, each in a child
// EXPECT: accepted  OUTPUT: safe
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
int main(void)
{
    const int flags[] = { CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWIPC, CLONE_NEWUTS,
                          CLONE_NEWCGROUP, CLONE_NEWUSER | CLONE_NEWNS, 0x80 /* time */ };
    int bad = 0, status;
    for (unsigned i = 0; i < sizeof flags / sizeof *flags - 1; i++) {
        pid_t p = fork();
        if (p == 0) {
            long q = syscall(SYS_clone, flags[i] | SIGCHLD, 0, 0, 0, 0);
            _exit(q >= 0);
        }
        waitpid(p, &status, 0);
        bad += WIFEXITED(status) && WEXITSTATUS(status);
    }
    puts(bad ? "escaped" : "safe");
    return 0;
}
