// NUL bytes before the right answer: bytes are compared, not a C string
// EXPECT: wrong_answer  OUTPUT: 7
#include <unistd.h>
int main(void)
{
    return write(1, "\0\0007\n", 4) != 4;
}
