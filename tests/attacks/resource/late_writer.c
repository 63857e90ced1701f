// children that would write more answers a moment after the end
// EXPECT: accepted  OUTPUT: 7
#include <unistd.h>
int main(void)
{
    write(1, "7\n", 2);
    for (int i = 0; i < 10; i++)
        if (fork() == 0) {
            usleep(100000 + i * 20000);
            write(1, "8\n", 2);
            _exit(0);
        }
    return 0;
}
