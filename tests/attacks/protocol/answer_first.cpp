// echoes while it reads: both pipes stay full
// EXPECT: accepted wrong_answer  OUTPUT: large  INPUT: large
#include <iostream>
#include <string>
int main()
{
    std::string s;
    for (int n = 0; std::cin >> s && n < 150000; n++)
        std::cout << s << ' ';
}
