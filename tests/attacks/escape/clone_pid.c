// namespaces that the launcher itself may make, and clone3
// EXPECT: accepted  OUTPUT: safe
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(void)
{
    long p = syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0);
    long q = syscall(SYS_clone3, 0, 0);
    int enosys = errno == ENOSYS;
    long r = setns(0, 0);
    puts(p < 0 && q < 0 && enosys && r < 0 ? "safe" : "escaped");
    return 0;
}
