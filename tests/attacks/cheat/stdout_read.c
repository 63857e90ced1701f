// reads back through stdout and stderr what others may have written there
// EXPECT: accepted  OUTPUT: safe  NEEDS: namespaces
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
int main(void)
{
    char x[100];
    fcntl(1, F_SETFL, O_NONBLOCK);
    fcntl(2, F_SETFL, O_NONBLOCK);
    int bad = read(1, x, 100) >= 0 || read(2, x, 100) >= 0;
    bad += open("/dev/stdout", O_RDWR) >= 0 || open("/dev/fd/1", O_RDWR) >= 0;
    puts(bad ? "escaped" : "safe");
    return 0;
}
