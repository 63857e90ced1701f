// a comment that never ends
// EXPECT: compile_error
int main() { return 0; } /* R"(
