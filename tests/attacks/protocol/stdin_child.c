// gives stdin to a child that stays, and ends
// EXPECT: accepted  OUTPUT: 7  INPUT: large
#include <unistd.h>
int main(void)
{
    if (fork() == 0)
        for (;;)
            pause();
    close(0);
    write(1, "7\n", 2);
    return 0;
}
