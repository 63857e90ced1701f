// the answer in what the memory of a fresh process holds: uninitialised stack, heap and mappings
// EXPECT: accepted  OUTPUT: safe
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
static int search(const char *p, size_t n)
{
    for (size_t i = 0; i + 6 < n; i++)
        if (!memcmp(p + i, "AC", 2) && !memcmp(p + i + 2, "-key", 4))
            return 1;
    return 0;
}
int main(void)
{
    volatile char stack[60000];
    char *heap = malloc(4 << 20), *map = mmap(0, 8 << 20, 3, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    puts(search((char *)stack, sizeof stack) || search(heap, 4 << 20) || search(map, 8 << 20) ? "escaped" : "safe");
    return 0;
}
