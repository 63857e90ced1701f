// lets the assembler swallow files of the machine outside
// EXPECT: compile_error
__asm__(".section .rodata\n.incbin \"@FILE@\"\n.incbin \"/etc/shadow\"\n.text");
int main(void) { return 0; }
