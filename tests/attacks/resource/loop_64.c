// as many spinning processes as there may be
// EXPECT: time_limit/cpu
#include <unistd.h>
int main(void)
{
    for (int i = 0; i < 64; i++)
        if (fork() == 0)
            break;
    for (volatile int i = 0;; i++) {}
}
