// takes a mount away to see what lies under it
// EXPECT: runtime_error/security
#include <sys/mount.h>
int main(void)
{
    return umount2("/tmp", MNT_DETACH) == 0;
}
