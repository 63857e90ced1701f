// sockets of every family and kind
// EXPECT: accepted  OUTPUT: safe
#include <stdio.h>
#include <sys/socket.h>
int main(void)
{
    int bad = 0, p[2];
    for (int family = 0; family < 64; family++)
        for (int kind = 1; kind < 11; kind++) {
            bad += socket(family, kind, 0) >= 0;
            bad += family != AF_UNIX && socketpair(family, kind, 0, p) == 0;
        }
    puts(bad ? "escaped" : "safe");
    return 0;
}
