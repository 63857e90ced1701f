// the environment and the arguments of whoever started it
// EXPECT: accepted  OUTPUT: safe
#include <stdio.h>
#include <string.h>
extern char **environ;
int main(int argc, char **argv)
{
    int bad = argc != 1 || strcmp(argv[0], "./main");
    for (char **e = environ; *e; e++)
        bad += strstr(*e, "CANARY") != 0;
    puts(bad ? "escaped" : "safe");
    return 0;
}
