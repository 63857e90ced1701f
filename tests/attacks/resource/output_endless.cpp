// prints without end, in the end by many threads
// EXPECT: output_limit/stdout
#include <iostream>
#include <string>
int main()
{
    for (;;)
        std::cout << std::string(1000, 'z') << '\n';
}
