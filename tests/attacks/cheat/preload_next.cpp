// and the next program compiles and runs as ever
// EXPECT: accepted  OUTPUT: 7
#include <cmath>
#include <cstdio>
int main()
{
    std::printf("%d\n", (int)std::sqrt(49.0));
}
