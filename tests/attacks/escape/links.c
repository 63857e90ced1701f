// a program that was left where the next compiler will write
// EXPECT: accepted  OUTPUT: safe
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
int main(void)
{
    mkdir("main.c", 0);
    symlink("/dev/null", "main");
    mkfifo("main.s", 0777);
    mkfifo("/tmp/cc", 0777);
    symlink("/nowhere/deep", "/tmp/main.o");
    puts("safe");
    return 0;
}
