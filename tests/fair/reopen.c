// standard input opened again by its name, and sought in
// EXPECT: accepted  OUTPUT: 21 21 22  INPUT: 21 22
#include <stdio.h>
int main(void)
{
    int a = 0, b = 0, c = 0;
    if (!freopen("/dev/stdin", "r", stdin) || scanf("%d", &a) != 1 || fseek(stdin, 0, SEEK_SET) || scanf("%d%d", &b, &c) != 2)
        return 1;
    printf("%d %d %d\n", a, b, c);
    return 0;
}
