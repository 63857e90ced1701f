// a call of another architecture, which would carry other numbers
// EXPECT: runtime_error/security runtime_error/signal
int main(void)
{
#ifdef __x86_64__
    long r;
    __asm__ volatile("int $0x80" : "=a"(r) : "a"(20) : "memory");
    return r > 0;
#else
    __builtin_trap();
#endif
}
