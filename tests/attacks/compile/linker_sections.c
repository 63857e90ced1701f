// an address beyond the end of the world
// EXPECT: compile_error runtime_error accepted
__asm__(".section .far,\"awx\",@nobits\n.org 0x7fffffffff\n.text");
int main(void) { return 0; }
