// an error message that unrolls types of types
// EXPECT: compile_error
#include <map>
#include <string>
#include <vector>
typedef std::map<std::string, std::map<std::string, std::vector<std::map<std::string, std::string>>>> deep;
int main()
{
    std::map<deep, std::map<deep, deep>> m;
    m << m;
    return m + m;
}
