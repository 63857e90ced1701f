// one file beyond the file limit: SIGXFSZ
// EXPECT: runtime_error/file
#include <fcntl.h>
#include <unistd.h>
int main(void)
{
    static char x[65536];
    int fd = open("big", O_CREAT | O_WRONLY, 0600);
    for (;;)
        write(fd, x, sizeof x);
}
