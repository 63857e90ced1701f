// includes that double at every level
// EXPECT: compile_error
#if __INCLUDE_LEVEL__ < 190
#include "main.c"
#include "main.c"
#endif
int x[__INCLUDE_LEVEL__ > 0 ? 1 : -1];
