// asks to be traced by its parent
// EXPECT: runtime_error/security
#include <sys/ptrace.h>
int main(void)
{
    return (int)ptrace(PTRACE_TRACEME, 0, 0, 0);
}
