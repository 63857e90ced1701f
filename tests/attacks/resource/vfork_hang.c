// a child that borrowed the memory (vfork) never lets its parent go on
// EXPECT: time_limit/wall
#include <unistd.h>
int main(void)
{
    if (vfork() == 0)
        for (;;)
            pause();
    return 0;
}
