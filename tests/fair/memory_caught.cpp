// an allocation that fails and is caught: the program goes on
// EXPECT: accepted  OUTPUT: 8
#include <cstdio>
#include <new>
int main()
{
    try {
        volatile unsigned long n = 1ul << 47;
        char *p = new char[n];
        std::printf("%d\n", p[n / 3]);
    } catch (const std::bad_alloc &) {
        std::puts("8");
    }
}
