// a server of its own
// EXPECT: accepted  OUTPUT: safe
#include <cstdio>
#include <netinet/in.h>
#include <sys/socket.h>
int main()
{
    sockaddr_in6 a = {};
    a.sin6_family = AF_INET6;
    int bad = 0, s = socket(AF_INET6, SOCK_STREAM, 0);
    bad += bind(s, (sockaddr *)&a, sizeof a) == 0 || listen(0, 5) == 0 || listen(s, 5) == 0;
    std::puts(bad ? "escaped" : "safe");
}
