// a stack with a bound of its own: it cannot be raised, and is what ends the run
// EXPECT: runtime_error/signal  LIMITS: stack_kb=16384 memory_kb=262144
#include <stdio.h>
#include <sys/resource.h>
static int deeper(volatile char *x, int n)
{
    volatile char room[4096];
    room[n % 4096] = *x;
    return n ? deeper(room, n - 1) + room[7] : 0;
}
int main(void)
{
    char x = 0;
    struct rlimit up = {RLIM_INFINITY, RLIM_INFINITY};
    if (setrlimit(RLIMIT_STACK, &up) == 0)
        return 0;
    return printf("%d\n", deeper(&x, 10000));
}
