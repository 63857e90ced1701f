// memory in the scratch: unlinked files, written until it is full
// EXPECT: accepted  OUTPUT: safe  NEEDS: namespaces
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
int main(void)
{
    static char x[65536];
    long total = 0;
    for (int i = 0; i < 60; i++) {
        int fd = open("f", O_CREAT | O_RDWR | O_EXCL, 0600);
        unlink("f");
        for (int j = 0; j < 100 && write(fd, x, sizeof x) > 0; j++)
            total += sizeof x;
    }
    puts(total <= 80L << 20 ? "safe" : "escaped");
    return 0;
}
