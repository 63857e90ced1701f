// includes itself for ever
// EXPECT: compile_error
#include __FILE__
int main() {}
