// joins the namespaces of every process there may be
// EXPECT: accepted  OUTPUT: safe  NEEDS: namespaces
#include <cstdio>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>
int main()
{
    int bad = 0;
    for (int pid = 1; pid < 2000; pid++) {
        int fd = (int)syscall(SYS_pidfd_open, pid, 0);
        for (int flag = 1; flag && fd >= 0; flag <<= 1)
            bad += setns(fd, flag) == 0 && (flag & 0x7e020000);
        close(fd);
    }
    std::puts(bad ? "escaped" : "safe");
}
