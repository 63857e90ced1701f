// removes everything it can see
// EXPECT: accepted  OUTPUT: safe
#include <cstdio>
#include <filesystem>
#include <system_error>
int main()
{
    std::error_code e;
    for (const char *d : {"/tmp", "/etc", "/dev", "/usr/lib/python3", "/usr/include"})
        std::filesystem::remove_all(d, e);
    std::puts(std::filesystem::exists("/dev/null") && std::filesystem::exists("/usr/include") ? "safe" : "escaped");
}
