// writes the answer into stdin
// EXPECT: wrong_answer runtime_error  OUTPUT: 7
#include <unistd.h>
int main(void)
{
    write(0, "7\n", 2);
    return 0;
}
