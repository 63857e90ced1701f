// memory in pipe buffers made large
// EXPECT: accepted  OUTPUT: safe
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
int main(void)
{
    int p[2], n = 0, big = 0;
    while (n < 5000 && pipe(p) == 0) {
        n++;
        big += fcntl(p[1], F_SETPIPE_SZ, 1 << 20) >= 0;
    }
    puts(big || n > 100 ? "escaped" : "safe");
    return 0;
}
