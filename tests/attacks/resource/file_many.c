// inode bomb: folders, links and fifos until none is left; all of it must go again
// EXPECT: accepted  OUTPUT: safe  INPUT: twice  NEEDS: namespaces
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
int main(void)
{
    char name[32];
    int n = 0;
    for (int i = 0; i < 20000; i++) {
        snprintf(name, sizeof name, "%d", i);
        n += (i % 3 == 0 ? mkdir(name, 0) : i % 3 == 1 ? mkfifo(name, 0) : symlink("/usr", name)) == 0;
    }
    puts(n > 0 && n < 10000 ? "safe" : "escaped");
    return 0;
}
