// traces the process above it
// EXPECT: runtime_error/security
#include <sys/ptrace.h>
int main(void)
{
    return ptrace(PTRACE_ATTACH, 1, 0, 0) == 0;
}
