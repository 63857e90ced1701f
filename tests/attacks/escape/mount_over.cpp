// a mount over the root
// EXPECT: runtime_error/security
#include <sys/mount.h>
int main()
{
    return mount("/tmp", "/", nullptr, MS_BIND | MS_REC, nullptr) == 0;
}
