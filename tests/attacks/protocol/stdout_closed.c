// closes stdout after the answer and goes on
// EXPECT: accepted  OUTPUT: 7
#include <stdio.h>
#include <unistd.h>
int main(void)
{
    puts("7");
    fclose(stdout);
    close(2);
    usleep(20000);
    return 0;
}
