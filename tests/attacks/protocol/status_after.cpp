// a status that wraps to zero is zero, as it is at home
// EXPECT: accepted  OUTPUT: 7
#include <cstdlib>
#include <iostream>
int main()
{
    std::cout << 7 << std::endl;
    std::exit(256);
}
