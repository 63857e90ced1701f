// an abstract name outside: connected to, and sent to without a connection
// EXPECT: accepted  OUTPUT: safe
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
int main(void)
{
    const char names[][40] = { "\0@NAME@", "\0@NAME@-d", "/tmp/@NAME@" };
    int bad = 0, p[2];
    for (int n = 0; n < 3; n++) {
        struct sockaddr_un a = { .sun_family = AF_UNIX };
        memcpy(a.sun_path, names[n], sizeof names[n]);
        socklen_t len = sizeof(sa_family_t) + (n < 2 ? 1 + strlen(names[n] + 1) : strlen(names[n]) + 1);
        for (int kind = 1; kind < 6; kind++) {
            if (socketpair(AF_UNIX, kind, 0, p) < 0)
                continue;
            bad += connect(p[0], (struct sockaddr *)&a, len) == 0;
            bad += sendto(p[0], "x", 1, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&a, len) == 1 && kind == 2;
            struct iovec v = { "x", 1 };
            struct msghdr m = { .msg_name = &a, .msg_namelen = len, .msg_iov = &v, .msg_iovlen = 1 };
            bad += sendmsg(p[0], &m, MSG_DONTWAIT | MSG_NOSIGNAL) == 1 && kind == 2;
        }
    }
    puts(bad ? "escaped" : "safe");
    return 0;
}
