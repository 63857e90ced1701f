// x32 numbers of calls that the filter names
// EXPECT: runtime_error/security
#include <unistd.h>
int main()
{
    return syscall(0x40000000 + 521, "x") == 0;
}
