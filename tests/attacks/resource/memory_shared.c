// memory in shared mappings of several processes
// EXPECT: memory_limit/resident
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
int main(void)
{
    for (int i = 0; i < 8; i++)
        if (fork() == 0) {
            char *p = mmap(0, 40 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
            memset(p, 1, 40 << 20);
            pause();
        }
    pause();
    return 0;
}
