// a moving chain: each process forks the next and ends, so that no number stays the same
// EXPECT: time_limit
#include <unistd.h>
int main(void)
{
    if (fork() == 0)
        for (;;)
            if (fork() > 0)
                _exit(0);
    pause();
}
