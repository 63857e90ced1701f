// an exception that nobody catches, thrown while another is on its way
// EXPECT: runtime_error/signal  OUTPUT: 7
#include <iostream>
struct bad { ~bad() noexcept(false) { throw 2; } };
int main()
{
    std::cout << 7 << std::endl;
    bad b;
    throw 1;
}
