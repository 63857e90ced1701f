// an x32 call number
// EXPECT: runtime_error/security
#include <unistd.h>
int main(void)
{
    return syscall(0x40000000 | 39) > 0;
}
