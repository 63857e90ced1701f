// the right answer, then a static destructor without end
// EXPECT: time_limit  OUTPUT: 7
#include <cstdio>
struct last { ~last() { for (volatile int i = 0;; i = i + 1) {} } } x;
int main()
{
    std::puts("7");
    std::fflush(stdout);
}
