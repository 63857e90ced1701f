// limits of the one process that may stay (number 1), as a word to the next test
// EXPECT: accepted  OUTPUT: fresh  INPUT: twice
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/resource.h>
int main(void)
{
    struct rlimit r, word = { 41, 41 };
    int found = 0;
    for (int which = 0; which < RLIM_NLIMITS; which++) {
        found += prlimit(1, which, 0, &r) == 0 && r.rlim_cur == 41;
        prlimit(1, which, &word, 0);
    }
    puts(found ? "cached" : "fresh");
    return 0;
}
