// device nodes, raised limits, changed priorities, affinity and clocks
// EXPECT: accepted  OUTPUT: safe
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
int main(void)
{
    struct rlimit r, up = { RLIM_INFINITY, RLIM_INFINITY };
    cpu_set_t s;
    CPU_ZERO(&s);
    CPU_SET(0, &s);
    int bad = mknod("d", S_IFBLK | 0600, makedev(254, 0)) == 0;
    bad += setrlimit(RLIMIT_CPU, &up) == 0;
    bad += setpriority(PRIO_PROCESS, 0, -5) == 0;
    bad += sched_setaffinity(0, sizeof s, &s) == 0;
    bad += setuid(0) == 0 || seteuid(0) == 0;
    bad += getrlimit(RLIMIT_CORE, &r) || r.rlim_max != 0;
    puts(bad ? "escaped" : "safe");
    return 0;
}
