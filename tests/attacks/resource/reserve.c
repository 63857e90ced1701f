// address space beyond all memory, of which little is used
// EXPECT: accepted  OUTPUT: 7
#include <stdio.h>
#include <sys/mman.h>
int main(void)
{
    int got = 0;
    for (int i = 0; i < 1000; i++) {
        char *p = mmap(NULL, 1L << 32, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (p == MAP_FAILED)
            break;
        p[(long)i << 20] = 1;
        got++;
    }
    puts(got == 1000 ? "7" : "refused");
    return 0;
}
