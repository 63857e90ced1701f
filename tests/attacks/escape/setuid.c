// setuid programs, setuid bits of its own, other users
// EXPECT: accepted  OUTPUT: safe
#define _GNU_SOURCE
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
int main(void)
{
    gid_t g = 0;
    int bad = setuid(0) == 0 || seteuid(0) == 0 || setresuid(0, 0, 0) == 0 || setgid(0) == 0 || setgroups(1, &g) == 0;
    close(open("s", O_CREAT | O_WRONLY, 04755));
    bad += chown("s", 0, 0) == 0;
    const char *names[] = { "/bin/su", "/usr/bin/sudo", "/usr/bin/passwd", "/usr/bin/chsh", "/bin/mount" };
    struct stat s;
    for (int i = 0; i < 5; i++)
        if (stat(names[i], &s) == 0 && s.st_mode & S_ISUID && s.st_uid == 0) {
            pid_t p = fork();
            int status;
            if (p == 0) {
                int null = open("/dev/null", O_RDWR);
                dup2(null, 0), dup2(null, 1), dup2(null, 2);
                execl(names[i], names[i], "--help", (char *)0);
                _exit(0);
            }
            waitpid(p, &status, 0);
        }
    bad += geteuid() == 0 || getuid() == 0;
    puts(bad ? "escaped" : "safe");
    return 0;
}
