// memory by touching mappings
// EXPECT: memory_limit/resident
#include <string.h>
#include <sys/mman.h>
int main(void)
{
    for (;;) {
        char *p = mmap(0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (p != MAP_FAILED)
            memset(p, 1, 1 << 20);
    }
}
