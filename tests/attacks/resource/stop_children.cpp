// stopped children cannot be ended by a polite signal
// EXPECT: accepted  OUTPUT: 7
#include <csignal>
#include <cstdio>
#include <unistd.h>
int main()
{
    for (int i = 0; i < 8; i++)
        if (fork() == 0) {
            raise(SIGSTOP);
            _exit(0);
        }
    usleep(20000);
    std::puts("7");
}
