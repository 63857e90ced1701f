// a depth-first search along a path of 1,500,000 nodes
// EXPECT: accepted  OUTPUT: 1500000  LIMITS: memory_kb=716800 cpu_ms=4000
#include <cstdio>
#include <vector>
static std::vector<std::vector<int>> next_of(1500001);
static int depth(int v)
{
    int most = 0;
    for (int w : next_of[v]) {
        int d = depth(w);
        most = d > most ? d : most;
    }
    return most + 1;
}
int main()
{
    for (int i = 0; i < 1499999; i++)
        next_of[i].push_back(i + 1);
    std::printf("%d\n", depth(0));
}
