// a program whose loader is a folder, or itself
// EXPECT: runtime_error compile_error
__asm__(".section .interp,\"a\"\n.string \"/tmp\"\n.text");
int main() {}
