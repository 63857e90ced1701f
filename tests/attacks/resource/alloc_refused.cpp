// asks for more than any machine has, once, and does not catch what is thrown
// EXPECT: memory_limit/allocation
#include <cstdio>
#include <vector>
int main()
{
    std::vector<int> v(1ul << 46);
    std::printf("%d\n", v[3]);
}
