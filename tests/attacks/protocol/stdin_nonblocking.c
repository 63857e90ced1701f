// makes stdin and stdout non-blocking
// EXPECT: accepted  OUTPUT: large  INPUT: large
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
int main(void)
{
    char x[1000];
    memset(x, ' ', sizeof x);
    fcntl(0, F_SETFL, O_NONBLOCK);
    fcntl(1, F_SETFL, O_NONBLOCK);
    for (int i = 0; i < 150000;)
        i += write(1, "x ", 2) == 2;
    while (read(0, x, sizeof x) > 0 || errno == EAGAIN)
        errno = 0;
    return 0;
}
