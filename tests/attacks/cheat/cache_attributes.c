// extended attributes, flags, locks and leases on what stays
// EXPECT: accepted  OUTPUT: safe  INPUT: twice
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/xattr.h>
int main(void)
{
    int bad = 0, flags = 0x40, fd = open("/tmp", O_RDONLY), null = open("/dev/null", O_RDWR);
    struct flock l = { .l_type = F_RDLCK };
    bad += fsetxattr(fd, "user.a", "7", 1, 0) == 0 || setxattr("/usr", "user.a", "7", 1, 0) == 0;
    bad += ioctl(fd, 0x40086602, &flags) == 0 || flock(fd, LOCK_EX) == 0 || flock(null, LOCK_EX) == 0;
    bad += fcntl(fd, F_SETLK, &l) == 0 || fcntl(fd, F_SETLEASE, F_RDLCK) == 0;
    puts(bad ? "escaped" : "safe");
    return 0;
}
