// the input mapped and its size asked for
// EXPECT: accepted  OUTPUT: 61 6  INPUT: 61 17
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
int main(void)
{
    struct stat s;
    fstat(0, &s);
    char *m = mmap(NULL, (size_t)s.st_size, PROT_READ, MAP_PRIVATE, 0, 0);
    if (m == MAP_FAILED)
        return 1;
    printf("%d %d\n", atoi(m), (int)s.st_size);
    return 0;
}
