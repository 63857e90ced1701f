// busy loop that catches the signals of a CPU limit
// EXPECT: time_limit/cpu
#include <csignal>
#include <sys/resource.h>
int main()
{
    signal(SIGXCPU, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    rlimit r = {RLIM_INFINITY, RLIM_INFINITY};
    setrlimit(RLIMIT_CPU, &r);
    for (volatile int i = 0;; i = i + 1) {}
}
