// the 32-bit door: mount there has another number
// EXPECT: runtime_error/security runtime_error/signal
int main()
{
    long r = 21;
    __asm__ volatile("int $0x80" : "+a"(r) : "b"(0), "c"(0), "d"(0), "S"(0), "D"(0) : "memory");
    return r == 0;
}
