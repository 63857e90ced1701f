// fills /dev/shm and the scratch, which have one bound
// EXPECT: accepted memory_limit  OUTPUT: bounded  NEEDS: namespaces
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>
static char part[1 << 20];
int main(void)
{
    long all = 0;
    char name[64];
    for (int i = 0; i < 400; i++) {
        snprintf(name, sizeof name, "%s/%d", i % 2 ? "/dev/shm" : "/tmp", i);
        int fd = open(name, O_CREAT | O_RDWR, 0600);
        long n;
        while (fd >= 0 && (n = write(fd, part, sizeof part)) > 0 && lseek(fd, 0, SEEK_CUR) < 15 << 20)
            all += n;
        close(fd);
    }
    puts(all <= 66L << 20 ? "bounded" : "escaped");
    return 0;
}
