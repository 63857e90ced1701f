// a resolver that runs before everything, and crashes
// EXPECT: runtime_error  OUTPUT: 7
#include <stdio.h>
static int seven(void) { return 7; }
static void *resolve(void) { *(volatile int *)0 = 1; return seven; }
int f(void) __attribute__((ifunc("resolve")));
int main(void) { return printf("%d\n", f()) < 0; }
