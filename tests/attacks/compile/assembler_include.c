// lets the assembler include, repeat and define without end
// EXPECT: compile_error
__asm__(".rept 1000000000\n.long 1,2,3,4,5,6,7,8\n.endr");
int main(void) { return 0; }
