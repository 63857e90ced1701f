// CPU burnt in threads while the first one sleeps
// EXPECT: time_limit/cpu time_limit/wall
#include <pthread.h>
#include <unistd.h>
static void *burn(void *x) { for (volatile int i = 0;; i++) {} return x; }
int main(void)
{
    pthread_t t;
    for (int i = 0; i < 4; i++)
        pthread_create(&t, 0, burn, 0);
    for (;;)
        pause();
}
