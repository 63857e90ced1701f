// reads and writes outside the scratch
// EXPECT: accepted  OUTPUT: safe
#include <cstdio>
#include <fstream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
int main()
{
    int bad = 0;
    for (std::string d : {"/", "/usr/", "/usr/lib/", "/etc/", "/dev/", "/bin/", "/var/", "/root/", "/home/"}) {
        std::ofstream f(d + "aletheia-x");
        bad += f.is_open() || chmod(d.c_str(), 0777) == 0 || rename(d.c_str(), "/tmp/d") == 0;
    }
    for (const char *f : {"@FILE@", "@REPO@", "/etc/passwd", "/etc/shadow"})
        bad += std::ifstream(f).is_open();
    std::puts(bad ? "escaped" : "safe");
}
