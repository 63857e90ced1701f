// every byte there is, after the right answer
// EXPECT: wrong_answer  OUTPUT: 7
#include <iostream>
int main()
{
    std::cout << 7 << '\n';
    for (int i = 0; i < 256; i++)
        std::cout.put((char)i);
}
