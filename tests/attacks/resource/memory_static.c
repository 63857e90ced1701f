// a program with more static memory than it may have
// EXPECT: memory_limit runtime_error
#include <string.h>
static char x[1500 << 20];
int main(void)
{
    memset(x, 1, sizeof x);
    return x[1000];
}
