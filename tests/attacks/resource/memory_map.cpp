// millions of small nodes
// EXPECT: memory_limit time_limit runtime_error/signal
#include <map>
#include <string>
int main()
{
    std::map<long, std::string> m;
    for (long i = 0;; i++)
        m[i] = std::string(500, 'x');
}
