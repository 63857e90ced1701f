// a core dump, asked for
// EXPECT: runtime_error/signal
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
int main(void)
{
    struct rlimit r = { RLIM_INFINITY, RLIM_INFINITY };
    setrlimit(RLIMIT_CORE, &r);
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    abort();
}
