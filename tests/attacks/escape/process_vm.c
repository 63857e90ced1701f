// reads foreign memory
// EXPECT: runtime_error/security
#define _GNU_SOURCE
#include <sys/uio.h>
int main(void)
{
    char x[8];
    struct iovec a = { x, 8 }, b = { (void *)0x400000, 8 };
    return process_vm_readv(1, &a, 1, &b, 1, 0) == 8;
}
