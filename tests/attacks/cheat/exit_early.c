// leaves with success before it has answered
// EXPECT: wrong_answer  OUTPUT: 7
#include <stdlib.h>
int main(void)
{
    _Exit(0);
}
