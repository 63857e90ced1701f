// rlimits that must be there, and that cannot be raised
// EXPECT: accepted  OUTPUT: safe
#include <cstdio>
#include <initializer_list>
#include <sys/resource.h>
int main()
{
    int bad = 0;
    for (auto which : {RLIMIT_CPU, RLIMIT_FSIZE, RLIMIT_NPROC, RLIMIT_NOFILE, RLIMIT_CORE, RLIMIT_MEMLOCK}) {
        rlimit now, up = {RLIM_INFINITY, RLIM_INFINITY};
        bad += getrlimit(which, &now) || now.rlim_max == RLIM_INFINITY || !setrlimit(which, &up);
    }
    std::puts(bad ? "escaped" : "safe");
}
