// memory held by a thread whose process's first thread has ended
// EXPECT: memory_limit
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static void *eat(void *x)
{
    usleep(20000);
    for (int i = 0; i < 25; i++)
        memset(malloc(4 << 20), 1, 4 << 20);
    for (;;)
        pause();
    return x;
}
int main(void)
{
    for (int i = 0; i < 4; i++)
        if (fork() == 0) {
            pthread_t t;
            pthread_create(&t, 0, eat, 0);
            pthread_exit(0);
        }
    for (;;)
        pause();
}
