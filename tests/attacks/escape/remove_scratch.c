// removes, renames and locks its own folder; the next test must have it back
// EXPECT: accepted  OUTPUT: safe  INPUT: twice
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
int main(void)
{
    struct stat s;
    char here[100] = "";
    int bad = !getcwd(here, sizeof here) || stat(".", &s) || (s.st_mode & 0777) != 0700;
    bad += rmdir(here) == 0 || rename(here, "/other") == 0;
    FILE *f = fopen("x", "w");
    bad += !f;
    chmod(".", 0);
    puts(bad ? "escaped" : "safe");
    return 0;
}
