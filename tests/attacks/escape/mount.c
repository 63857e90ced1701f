// mounts
// EXPECT: runtime_error/security
#include <sys/mount.h>
int main(void)
{
    return mount("tmpfs", "/tmp", "tmpfs", 0, "") == 0;
}
