// stops itself
// EXPECT: time_limit/wall
#include <signal.h>
#include <unistd.h>
int main(void)
{
    kill(getpid(), SIGSTOP);
    return 0;
}
