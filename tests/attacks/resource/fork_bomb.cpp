// fork bomb in groups and sessions of their own
// EXPECT: time_limit memory_limit
#include <unistd.h>
int main()
{
    for (;;)
        if (fork() == 0)
            setsid();
}
