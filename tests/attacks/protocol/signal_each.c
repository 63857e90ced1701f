// ends by every signal that may end it, in children first
// EXPECT: runtime_error/signal  OUTPUT: 7
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
int main(void)
{
    puts("7");
    fflush(stdout);
    for (int s = 1; s < 32; s++) {
        pid_t p = fork();
        if (p == 0)
            kill(getpid(), s), _exit(0);
        if (s == SIGSTOP || s == SIGTSTP || s == SIGTTIN || s == SIGTTOU)
            kill(p, SIGKILL);
        waitpid(p, 0, 0);
    }
    raise(SIGKILL);
    return 0;
}
