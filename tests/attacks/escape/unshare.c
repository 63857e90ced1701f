// a user namespace of its own
// EXPECT: runtime_error/security
#define _GNU_SOURCE
#include <sched.h>
int main(void)
{
    return unshare(CLONE_NEWUSER) == 0;
}
