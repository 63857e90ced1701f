// the listeners outside, by raw calls
// EXPECT: accepted  OUTPUT: safe
#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
int main(void)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(@TCP@), .sin_addr = { htonl(INADDR_LOOPBACK) } };
    struct sockaddr_in b = a;
    b.sin_port = htons(@UDP@);
    int bad = 0;
    for (int fd = 0; fd < 20; fd++) {
        bad += connect(fd, (struct sockaddr *)&a, sizeof a) == 0;
        bad += sendto(fd, "x", 1, 0, (struct sockaddr *)&b, sizeof b) == 1;
    }
    int s = socket(AF_INET, SOCK_STREAM, 0), u = socket(AF_INET, SOCK_DGRAM, 0);
    bad += connect(s, (struct sockaddr *)&a, sizeof a) == 0;
    bad += sendto(u, "x", 1, 0, (struct sockaddr *)&b, sizeof b) == 1;
    puts(bad ? "escaped" : "safe");
    return 0;
}
