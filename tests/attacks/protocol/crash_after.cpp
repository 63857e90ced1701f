// an exception after the right answer
// EXPECT: runtime_error/signal  OUTPUT: 7
#include <iostream>
#include <vector>
int main()
{
    std::cout << 7 << std::endl;
    return std::vector<int>().at(3);
}
