// a daemon holds stdout and stderr; the verdict comes with the first process's end
// EXPECT: accepted  OUTPUT: 7
#include <unistd.h>
int main(void)
{
    if (fork() == 0) {
        setsid();
        if (fork() == 0) {
            sleep(1000);
            write(1, "late\n", 5);
        }
        _exit(0);
    }
    write(1, "7\n", 2);
    return 0;
}
