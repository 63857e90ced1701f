// signals to parents, groups and everyone, by all calls there are
// EXPECT: accepted  OUTPUT: safe
#include <csignal>
#include <cstdio>
#include <initializer_list>
#include <sys/syscall.h>
#include <unistd.h>
int main()
{
    siginfo_t info = {};
    info.si_code = SI_QUEUE;
    for (int pid : {getppid(), 1, 2, 3, @PID@, @PPID@}) {
        if (pid == getpid() || pid <= 0)
            continue;
        kill(pid, SIGKILL);
        killpg(pid, SIGKILL);
        syscall(SYS_tkill, pid, SIGKILL);
        syscall(SYS_tgkill, pid, pid, SIGKILL);
        syscall(SYS_rt_sigqueueinfo, pid, SIGKILL, &info);
        syscall(SYS_pidfd_send_signal, syscall(SYS_pidfd_open, pid, 0), SIGKILL, 0, 0);
    }
    signal(SIGTERM, SIG_IGN);
    kill(-1, SIGTERM);
    std::puts("safe");
}
