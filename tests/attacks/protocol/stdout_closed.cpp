// closes all three streams and stays for a while
// EXPECT: accepted  OUTPUT: 7
#include <cstdio>
#include <unistd.h>
int main()
{
    std::puts("7");
    std::fclose(stdout);
    for (int i = 0; i < 3; i++)
        close(i);
    usleep(30000);
}
