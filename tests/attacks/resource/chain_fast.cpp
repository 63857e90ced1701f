// links that end as soon as they have a successor, several chains at once, deaf to every signal
// EXPECT: time_limit
#include <csignal>
#include <unistd.h>
int main()
{
    for (int i = 1; i < 65; i++)
        signal(i, SIG_IGN);
    for (;;) {
        pid_t link = fork(); // -1 while there are too many: the first process must not end then
        if (link > 0)
            usleep(2000);
        else if (link == 0 && fork() > 0)
            _exit(0);
    }
}
