// io_uring, which would do calls behind the filter's back
// EXPECT: runtime_error/security
#include <unistd.h>
int main(void)
{
    char p[256] = { 0 };
    return syscall(425, 8, p) >= 0;
}
