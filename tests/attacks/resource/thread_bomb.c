// thread bomb: more threads than allowed
// EXPECT: accepted  OUTPUT: safe
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>
static void *idle(void *x) { pause(); return x; }
int main(void)
{
    pthread_attr_t a;
    pthread_t t;
    int n = 0;
    pthread_attr_init(&a);
    pthread_attr_setstacksize(&a, 65536);
    while (n < 1000 && pthread_create(&t, &a, idle, 0) == 0)
        n++;
    puts(n < 200 ? "safe" : "escaped");
    return 0;
}
