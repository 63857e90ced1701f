// inherited descriptors
// EXPECT: accepted  OUTPUT: safe
#include <fcntl.h>
#include <stdio.h>
int main(void)
{
    int bad = 0;
    for (int fd = 3; fd < 4096; fd++)
        bad += fcntl(fd, F_GETFD) >= 0;
    puts(bad ? "escaped" : "safe");
    return 0;
}
