// prints without end, one line without newline
// EXPECT: output_limit/stdout
#include <string.h>
#include <unistd.h>
int main(void)
{
    static char x[65536];
    memset(x, 'y', sizeof x);
    for (;;)
        write(1, x, sizeof x);
}
