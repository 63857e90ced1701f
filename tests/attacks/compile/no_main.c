// no main
// EXPECT: compile_error
int principal(void) { return 0; }
