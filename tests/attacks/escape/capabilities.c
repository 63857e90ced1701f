// capabilities: none held, none to be had
// EXPECT: accepted  OUTPUT: safe
#include <linux/capability.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(void)
{
    struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
    struct __user_cap_data_struct d[2] = { { 0, 0, 0 } }, all[2] = { { ~0u, ~0u, ~0u }, { ~0u, ~0u, ~0u } };
    int bad = syscall(SYS_capget, &h, d) < 0 || d[0].effective || d[0].permitted || d[1].effective;
    bad += syscall(SYS_capset, &h, all) == 0;
    for (int c = 0; c < 41; c++)
        bad += prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, c, 0, 0) == 0;
    bad += prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1 || prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != 2;
    puts(bad ? "escaped" : "safe");
    return 0;
}
