// thirty threads at the default memory, with futures beside
// EXPECT: accepted  OUTPUT: 435 91
#include <future>
#include <iostream>
#include <thread>
#include <vector>
int main()
{
    std::vector<std::thread> all;
    std::vector<long> part(30);
    for (int i = 0; i < 30; i++)
        all.emplace_back([&part, i] { part[i] = i; });
    auto later = std::async(std::launch::async, [] { return 7 * 13; });
    long sum = 0;
    for (int i = 0; i < 30; i++)
        all[i].join(), sum += part[i];
    std::cout << sum << ' ' << later.get() << '\n';
}
