// takes the filter away, or puts another before it
// EXPECT: accepted  OUTPUT: safe
#include <linux/seccomp.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(void)
{
    int bad = prctl(PR_SET_SECCOMP, 0, 0, 0, 0) == 0 || prctl(PR_SET_SECCOMP, 1, 0, 0, 0) == 0;
    bad += syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 0, 0) == 0;
    bad += prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0;
    bad += prctl(62, 1, 0, 1, 0) == 0; /* core scheduling */
    puts(bad ? "escaped" : "safe");
    return 0;
}
