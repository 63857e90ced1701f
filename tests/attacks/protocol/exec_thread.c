// a thread that is not the first one becomes another program: the number stays
// EXPECT: accepted  OUTPUT: 7
#include <pthread.h>
#include <unistd.h>
static void *go(void *x)
{
    execl("/bin/sh", "sh", "-c", "echo 7", (char *)0);
    return x;
}
int main(void)
{
    pthread_t t;
    pthread_create(&t, 0, go, 0);
    for (;;)
        pause();
}
