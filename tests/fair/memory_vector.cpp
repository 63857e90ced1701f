// 900 MB that are filled, at 256
// EXPECT: memory_limit  LIMITS: memory_kb=262144 cpu_ms=3000 wall_ms=20000
#include <cstdio>
#include <vector>
int main()
{
    std::vector<int> v(225000000, 1);
    std::printf("%d\n", v[77]);
}
