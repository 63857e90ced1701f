// its own number: it would tell how many ran before it
// EXPECT: accepted  OUTPUT: fresh  INPUT: twice  NEEDS: namespaces
#include <stdio.h>
#include <unistd.h>
int main(void)
{
    puts(getpid() == 2 ? "fresh" : "cached");
    return 0;
}
