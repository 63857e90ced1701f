// the same, and the files of the system
// EXPECT: accepted  OUTPUT: fresh  INPUT: twice
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
int main(void)
{
    struct stat s;
    const char *names[] = { ".", "/", "/dev/null", "/dev/zero", "/usr", "/etc/ld.so.cache" };
    const struct timespec t[2] = { { 4711, 0 }, { 4711, 0 } };
    int found = 0;
    for (int i = 0; i < 6; i++) {
        found += stat(names[i], &s) == 0 && (s.st_mtim.tv_sec == 4711 || s.st_atim.tv_sec == 4711);
        utimensat(AT_FDCWD, names[i], t, 0);
    }
    puts(found ? "cached" : "fresh");
    return 0;
}
