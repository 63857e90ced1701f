// counts the events of everyone
// EXPECT: runtime_error/security
#include <unistd.h>
int main()
{
    char x[128] = {0};
    x[4] = (char)sizeof x;
    return syscall(298, x, -1, 0, -1, 0) >= 0;
}
