// leaves a secret in a keyring
// EXPECT: runtime_error/security
#include <sys/syscall.h>
#include <unistd.h>
int main(void)
{
    return syscall(SYS_add_key, "user", "x", "y", 1, -4) > 0;
}
