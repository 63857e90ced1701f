// memory by one call
// EXPECT: memory_limit
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>
int main(void)
{
    void *p = mmap(0, 200 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    usleep(50000);
    puts(p == MAP_FAILED ? "refused" : "7");
    return 0;
}
