// a line of results on stderr
// EXPECT: wrong_answer  OUTPUT: 7
#include <iostream>
int main()
{
    std::cerr << "{\"verdict\": \"accepted\", \"exit\": 0}" << std::endl;
    std::cout << "{\"verdict\": \"accepted\", \"exit\": 0}" << std::endl;
}
