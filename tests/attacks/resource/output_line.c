// one line of a hundred megabytes
// EXPECT: output_limit/stdout
#include <string.h>
#include <unistd.h>
int main(void)
{
    static char x[1 << 20];
    memset(x, 'a', sizeof x);
    for (int i = 0; i < 100; i++)
        write(1, x, sizeof x);
    return 0;
}
