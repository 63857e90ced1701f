// memory by the break
// EXPECT: memory_limit runtime_error/signal
#include <string.h>
#include <unistd.h>
int main(void)
{
    for (;;)
        memset(sbrk(1 << 20), 1, 1 << 20);
}
