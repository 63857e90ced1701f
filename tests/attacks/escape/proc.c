// what /proc would tell of others
// EXPECT: accepted  OUTPUT: safe
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
int main(void)
{
    const char *what[] = { "environ", "mem", "maps", "cmdline", "root/etc/passwd", "cwd/.", "fd/0", "exe", "status" };
    int pids[] = { 1, @PID@, @PPID@ }, bad = 0;
    char path[100];
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 9; j++) {
            snprintf(path, sizeof path, "/proc/%d/%s", pids[i], what[j]);
            int fd = open(path, O_RDONLY);
            if (fd >= 0 && read(fd, path, 1) >= 0)
                bad++, puts(path);
        }
    puts(bad ? "escaped" : "safe");
    return 0;
}
