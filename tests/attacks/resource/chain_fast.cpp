// a chain whose links are born with vfork and ignore every signal
// EXPECT: time_limit
#include <csignal>
#include <unistd.h>
int main()
{
    for (int i = 1; i < 65; i++)
        signal(i, SIG_IGN);
    for (;;)
        if (fork() > 0)
            usleep(2000);
        else if (fork() > 0)
            _exit(0);
}
