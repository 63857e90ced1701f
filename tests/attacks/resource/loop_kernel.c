// CPU burnt in the kernel, not in the program
// EXPECT: time_limit/cpu
#include <fcntl.h>
#include <unistd.h>
int main(void)
{
    static char x[1 << 20];
    int fd = open("/dev/urandom", O_RDONLY);
    for (;;)
        read(fd, x, sizeof x);
}
