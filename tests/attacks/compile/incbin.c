// lets the assembler swallow an endless device
// EXPECT: compile_error
__asm__(".incbin \"/dev/urandom\"");
int main(void) { return 0; }
