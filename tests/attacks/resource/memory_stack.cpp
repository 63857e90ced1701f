// memory by the stack, in big frames
// EXPECT: runtime_error/signal memory_limit
#include <cstring>
int deep(int n)
{
    volatile char x[100000];
    memset((char *)x, n, sizeof x);
    return deep(n + 1) + x[n % 1000];
}
int main()
{
    return deep(0);
}
