// a constructor that answers and leaves before main
// EXPECT: wrong_answer  OUTPUT: 7
#include <unistd.h>
__attribute__((constructor)) static void early(void) { write(1, "0\n", 2); _exit(0); }
int main(void) { return 0; }
