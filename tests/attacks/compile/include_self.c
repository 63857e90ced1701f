// includes itself twice, to a depth of 200
// EXPECT: compile_error
#include __FILE__
#include __FILE__
int main(void) { return 0; }
