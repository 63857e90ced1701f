// memory spread over children, each below the limit
// EXPECT: memory_limit/resident
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int main(void)
{
    for (int i = 0; i < 8; i++)
        if (fork() == 0) {
            memset(malloc(40 << 20), 1, 40 << 20);
            pause();
        }
    pause();
    return 0;
}
