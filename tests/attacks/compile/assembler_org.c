// a program of gigabytes by the assembler
// EXPECT: compile_error
__asm__(".data\n.fill 4000000000, 1, 1\n.text");
int main(void) { return 0; }
