// CPU burnt in orphans: each burner's parent has gone
// EXPECT: time_limit
#include <unistd.h>
int main(void)
{
    for (;;) {
        if (fork() == 0) {
            if (fork() == 0)
                for (volatile int i = 0; i < 50000000; i++) {}
            _exit(0);
        }
        usleep(30000);
    }
}
