// full pipes and full sockets in flight, held by nobody
// EXPECT: accepted memory_limit  OUTPUT: 7  INPUT: twice
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
static char room[1 << 16];
static void hand(int to, int fd)
{
    char c[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec v = {c, 1};
    struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = c, .msg_controllen = sizeof c};
    struct cmsghdr *h = CMSG_FIRSTHDR(&m);
    h->cmsg_level = SOL_SOCKET;
    h->cmsg_type = SCM_RIGHTS;
    h->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(h), &fd, sizeof fd);
    sendmsg(to, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
}
int main(void)
{
    for (int i = 0; i < 10; i++) {
        int s[2], p[2];
        if (socketpair(AF_UNIX, SOCK_STREAM, 0, s) < 0 || pipe2(p, O_NONBLOCK) < 0)
            break;
        for (int k = 0; k < 2; k++) {
            hand(s[k], s[1 - k]);
            hand(s[k], p[k]);
            while (send(s[k], room, sizeof room, MSG_DONTWAIT) > 0) {
            }
        }
        while (write(p[1], room, sizeof room) > 0) {
        }
    }
    puts("7");
    return 0;
}
