// every descriptor but the three, which are a file and two pipes
// EXPECT: accepted  OUTPUT: safe
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
int main()
{
    int bad = 0;
    struct stat s;
    for (int fd = 0; fd < 70000; fd++)
        if (fstat(fd, &s) == 0)
            bad += fd > 2 || !(fd ? S_ISFIFO(s.st_mode) : S_ISREG(s.st_mode));
    bad += (fcntl(0, F_GETFL) & O_ACCMODE) != O_RDONLY || (fcntl(1, F_GETFL) & O_ACCMODE) != O_WRONLY;
    std::puts(bad ? "escaped" : "safe");
}
