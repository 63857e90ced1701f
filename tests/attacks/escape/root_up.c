// above the root: dots, descriptors of folders, links
// EXPECT: accepted  OUTPUT: safe  NEEDS: namespaces
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
int main(void)
{
    struct stat root, up;
    int bad = 0, fd = open("/", O_PATH);
    stat("/", &root);
    for (int i = 0; i < 50; i++) {
        bad += fstatat(fd, "../..", &up, 0) == 0 && up.st_ino != root.st_ino;
        fchdir(fd);
        chdir("..");
    }
    for (fd = 3; fd < 300; fd++)
        bad += fchdir(fd) == 0 && access("etc/shadow", F_OK) == 0;
    bad += access("/etc/shadow", F_OK) == 0 || access("@FILE@", F_OK) == 0 || access("@REPO@", F_OK) == 0;
    puts(bad ? "escaped" : "safe");
    return 0;
}
