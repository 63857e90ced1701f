// leaves files, deep folders, links and odd modes; the next test of the same program must find none
// EXPECT: accepted  OUTPUT: safe  INPUT: twice
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
int main(void)
{
    int bad = access("f", F_OK) == 0 || access("link", F_OK) == 0;
    fclose(fopen("f", "w"));
    symlink("/usr", "link");
    mkfifo("pipe", 0);
    for (int i = 0; i < 30; i++)
        if (mkdir("d", 0700) || chdir("d"))
            bad = 1;
    fclose(fopen("g", "w"));
    chmod(".", 0);
    puts(bad ? "left" : "safe");
    return 0;
}
