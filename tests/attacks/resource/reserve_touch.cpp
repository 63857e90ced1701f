// reserves far more than its limit and touches a byte of every page, here and there
// EXPECT: memory_limit  OUTPUT: 7
#include <cstdio>
#include <sys/mman.h>
int main()
{
    const long n = 1L << 34;
    char *p = (char *)mmap(nullptr, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    for (unsigned long i = 1; p != MAP_FAILED && i < 1u << 30; i++)
        p[i * 2654435761u % (unsigned long)n] = 1;
    std::puts("7");
}
