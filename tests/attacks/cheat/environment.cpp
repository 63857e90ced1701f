// the stack above main: arguments, environment and what the kernel added
// EXPECT: accepted  OUTPUT: safe
#include <cstdio>
#include <cstring>
#include <string>
extern char **environ;
int main(int argc, char **argv)
{
    std::string all;
    for (int i = 0; i < argc; i++)
        all += argv[i];
    for (char **e = environ; *e; e++)
        all += *e;
    std::puts(all.find("@NEEDLE@") == all.npos && all.size() < 400 ? "safe" : "escaped");
}
