// asks whether files outside exist: they do not
// EXPECT: accepted  OUTPUT: safe  NEEDS: namespaces
#include <stdio.h>
#if __has_include("@FILE@") || __has_include("/etc/shadow") || __has_include("/proc/self/environ") || __has_include("@REPO@")
#define BAD 1
#else
#define BAD 0
#endif
int main(void)
{
    puts(BAD ? "escaped" : "safe");
    return 0;
}
