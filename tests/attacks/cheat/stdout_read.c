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
    bad += read(open("/dev/stdout", O_RDWR | O_NONBLOCK), x, 100) > 0;
    bad += read(open("/dev/fd/2", O_RDWR | O_NONBLOCK), x, 100) > 0;
    puts(bad ? "escaped" : "safe");
    return 0;
}
