// prints errors without end
// EXPECT: output_limit/stderr
#include <unistd.h>
int main(void)
{
    static char x[65536];
    for (;;)
        write(2, x, sizeof x);
}
