// an ordering that is none, over and over
// EXPECT: time_limit runtime_error memory_limit
#include <algorithm>
#include <vector>
int main()
{
    std::vector<int> v(1000);
    for (unsigned long n = 0;; n++)
        std::sort(v.begin(), v.end(), [](int, int) { return true; });
}
