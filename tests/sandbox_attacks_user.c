// Every program of tests/attacks gets the verdict it names as an ordinary user, in every mode;
// nothing is reached or left.
// RUN: np=1 alone
// TIMEOUT: 600
#include "attacks/suite.h"

int main(void)
{
    return suite_main(1);
}
