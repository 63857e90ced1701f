// zombie storm: children that nobody waits for
// EXPECT: accepted  OUTPUT: safe
#include <stdio.h>
#include <unistd.h>
int main(void)
{
    int n = 0;
    for (int i = 0; i < 500; i++) {
        pid_t p = fork();
        if (p == 0)
            _exit(0);
        n += p > 0;
    }
    puts(n < 200 ? "safe" : "escaped");
    return 0;
}
