// memory in the buffers of socket pairs
// EXPECT: accepted memory_limit time_limit  OUTPUT: safe
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>
int main(void)
{
    static char x[65536];
    long total = 0;
    int p[2], big = 1 << 30;
    while (socketpair(AF_UNIX, SOCK_STREAM, 0, p) == 0) {
        setsockopt(p[0], SOL_SOCKET, SO_SNDBUF, &big, sizeof big);
        fcntl(p[0], F_SETFL, O_NONBLOCK);
        for (ssize_t n; (n = write(p[0], x, sizeof x)) > 0;)
            total += n;
    }
    puts(total < 100L << 20 ? "safe" : "escaped");
    return 0;
}
