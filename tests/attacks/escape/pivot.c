// turns the root around
// EXPECT: runtime_error/security
#include <sys/syscall.h>
#include <unistd.h>
int main(void)
{
    return syscall(SYS_pivot_root, ".", ".") == 0;
}
