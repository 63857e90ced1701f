// a library that is not there, asked for by the source
// EXPECT: compile_error
#pragma comment(lib, "evil")
int evil(void);
int main(void) { return evil(); }
