// constructors that leave before main, with success
// EXPECT: wrong_answer  OUTPUT: 7
#include <unistd.h>
struct early { early() { _exit(0); } } x;
int main() {}
