// streams by name: an ifstream on /dev/stdin, an ofstream on /dev/stdout, seekg on cin
// EXPECT: accepted  OUTPUT: 17 17 18  INPUT: 17 18
#include <fstream>
#include <iostream>
int main()
{
    int a, b, c;
    std::ifstream("/dev/stdin") >> a;
    std::cin >> b;
    std::cin.seekg(0);
    std::cin >> b >> c;
    std::ofstream("/dev/stdout") << a << ' ' << b << ' ' << c << '\n';
}
