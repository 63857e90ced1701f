// writes into a pipe that nobody reads: SIGPIPE ends it
// EXPECT: runtime_error/signal  OUTPUT: 7
#include <unistd.h>
int main(void)
{
    int p[2];
    write(1, "7\n", 2);
    pipe(p);
    close(p[0]);
    write(p[1], "x", 1);
    return 0;
}
