// makes the machine write its disks out, over and over
// EXPECT: accepted  OUTPUT: safe
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(void)
{
    puts(syscall(SYS_sync) < 0 && syscall(SYS_syncfs, 0) < 0 ? "safe" : "escaped");
    return 0;
}
