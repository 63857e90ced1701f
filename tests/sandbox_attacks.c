// Every program of tests/attacks gets the verdict it names as root, in every mode; nothing is
// reached, nothing is left.
// RUN: np=1 alone
// TIMEOUT: 600
#include "attacks/suite.h"

int main(void)
{
    if (geteuid() != 0) {
        printf("skipped: as an ordinary user sandbox_attacks_user does the same\n");
        return 77;
    }
    return suite_main(0);
}
