// catches every refusal of memory and tries again
// EXPECT: memory_limit time_limit
#include <cstring>
#include <new>
int main()
{
    for (unsigned long n = 1 << 20;;)
        try {
            std::memset(new char[n], 1, n);
        } catch (const std::bad_alloc &) {
            n = n > 4096 ? n / 2 : n;
        }
}
