// a large input whose reader closes early and answers late
// EXPECT: accepted  OUTPUT: 7  INPUT: large
#include <stdio.h>
#include <unistd.h>
int main(void)
{
    char x[10];
    read(0, x, 10);
    close(0);
    usleep(50000);
    puts("7");
    return 0;
}
