// raises the bound on its stack as far as it goes and recurses for ever
// EXPECT: memory_limit runtime_error  OUTPUT: 7
#include <stdio.h>
#include <sys/resource.h>
static int deeper(volatile char *x, int n)
{
    volatile char room[4096];
    room[n % 4096] = *x;
    return deeper(room, n + 1) + room[7];
}
int main(void)
{
    char x = 0;
    setrlimit(RLIMIT_STACK, &(struct rlimit){RLIM_INFINITY, RLIM_INFINITY});
    return printf("7\n") + deeper(&x, 0);
}
