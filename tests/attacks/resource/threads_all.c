// as many threads as a run may have, with the stacks that threads get by default
// EXPECT: accepted  OUTPUT: 47
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>
static pthread_barrier_t all;
static void *wait_for_all(void *x)
{
    pthread_barrier_wait(&all);
    return x;
}
int main(void)
{
    pthread_t t[47];
    int n = 0;
    pthread_barrier_init(&all, NULL, 48);
    while (n < 47 && pthread_create(&t[n], NULL, wait_for_all, NULL) == 0)
        n++;
    printf("%d\n", n);
    fflush(stdout);
    if (n < 47)
        _exit(0);
    pthread_barrier_wait(&all);
    for (int i = 0; i < n; i++)
        pthread_join(t[i], NULL);
    return 0;
}
