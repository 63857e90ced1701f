// lets the assembler swallow an endless device
// EXPECT: compile_error
__asm__(".incbin \"/dev/zero\"");
int main() {}
