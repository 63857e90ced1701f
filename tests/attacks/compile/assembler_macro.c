// a macro of the assembler that calls itself twice
// EXPECT: compile_error
__asm__(".macro m n\n.long \\n\nm \"(\\n+1)\"\nm \"(\\n+2)\"\n.endm\nm 1");
int main(void) { return 0; }
