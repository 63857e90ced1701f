// a vector that grows for ever
// EXPECT: memory_limit runtime_error/signal
#include <vector>
int main()
{
    std::vector<long> v;
    for (;;)
        v.push_back(1);
}
