// changes standard input, for itself and for the next test, by every name that it has
// EXPECT: accepted  OUTPUT: 3 4  INPUT: twice
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
int main(void)
{
    const char *name[] = {"/dev/stdin", "/dev/fd/0", "/proc/self/fd/0", "/source/main.c", "main.c"};
    for (int i = 0; i < 5; i++) {
        int fd = open(name[i], O_RDWR | (i % 2 ? O_TRUNC : 0));
        if (fd >= 0 && (write(fd, "9 9 ", 4) < 0 || ftruncate(fd, 2) < 0))
            close(fd);
        fd = open(name[i], O_WRONLY | O_APPEND);
        if (fd >= 0 && write(fd, "9 9 ", 4) < 0)
            close(fd);
    }
    if (pwrite(0, "9", 1, 0) > 0 || ftruncate(0, 0) == 0 || fallocate(0, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4) == 0)
        puts("written");
    char *m = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, 0, 0);
    if (m != MAP_FAILED)
        m[0] = '9';
    m = mmap(NULL, 4096, PROT_READ, MAP_SHARED, 0, 0);
    if (m != MAP_FAILED && mprotect(m, 4096, PROT_READ | PROT_WRITE) == 0)
        m[0] = '9';
    fchmod(0, 0);
    fchmod(1, 0);
    chmod("/dev/fd/0", 0);
    chmod("/dev/fd/1", 0);
    futimens(0, (struct timespec[2]){{4711, 0}, {4711, 0}});
    unlink("/dev/fd/0");
    unlink("/dev/stdin");
    rename("/dev/fd/1", "/dev/fd/0");
    symlink("/tmp/x", "/dev/fd/3");
    char in[100];
    lseek(0, 0, SEEK_SET);
    ssize_t n = read(0, in, sizeof in);
    fwrite(in, 1, n > 0 ? (size_t)n : 0, stdout);
    return 0;
}
