// types into the terminal of whoever started this
// EXPECT: accepted  OUTPUT: safe
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>
int main(void)
{
    int bad = 0;
    for (int fd = 0; fd < 10; fd++) {
        bad += ioctl(fd, TIOCSTI, "x") == 0;
        bad += ioctl(fd, TIOCSCTTY, 1) == 0;
        bad += isatty(fd);
    }
    bad += open("/dev/tty", O_RDWR) >= 0 || open("/dev/console", O_RDWR) >= 0;
    puts(bad ? "escaped" : "safe");
    return 0;
}
