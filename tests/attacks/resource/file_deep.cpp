// folders as deep as the system lets them be, with names that a cleaner might use itself
// EXPECT: accepted  OUTPUT: safe  INPUT: twice  NEEDS: namespaces
#include <cstdio>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>
int main()
{
    bool clean = true;
    for (auto &e : std::filesystem::directory_iterator("/tmp"))
        clean &= e.path().filename() == "main.cpp";
    for (int i = 0; i < 500; i++) {
        char name[16];
        snprintf(name, sizeof name, "%d", i % 50);
        if (mkdir(name, 0700) || symlink("/", "x") || chdir(name))
            return 1;
    }
    std::puts(clean ? "safe" : "left");
}
