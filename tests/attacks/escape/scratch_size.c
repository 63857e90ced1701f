// makes its folder as large as compilers have it, by the one way of mounting that the filter lets through
// EXPECT: runtime_error/security accepted  OUTPUT: safe
#include <stdio.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
int main(void)
{
    struct statvfs v, w;
    char here[] = "/tmp";
    statvfs(here, &v);
    int rc = mount(NULL, here, NULL, MS_REMOUNT | MS_NOSUID | MS_NODEV, "size=1048576k");
    statvfs(here, &w);
    puts(rc == 0 || v.f_blocks != w.f_blocks ? "larger" : "safe");
    return 0;
}
