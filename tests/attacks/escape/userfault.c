// stops the kernel in the middle of a copy
// EXPECT: runtime_error/security
#include <unistd.h>
int main(void)
{
    return syscall(323, 1) >= 0;
}
