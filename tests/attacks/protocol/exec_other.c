// becomes another program that answers
// EXPECT: accepted  OUTPUT: 7
#include <unistd.h>
int main(void)
{
    return execl("/bin/sh", "sh", "-c", "read a b; echo $((a+b)); exec 1>&-", (char *)0);
}
