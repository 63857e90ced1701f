// the right answer, then NULs in a second token
// EXPECT: wrong_answer  OUTPUT: 7
#include <unistd.h>
int main(void)
{
    write(1, "7 \0\0\0", 5);
    return 0;
}
