// a division by zero
// EXPECT: runtime_error/signal
int main(int argc, char **argv)
{
    volatile int zero = argc - 1;
    return argc / zero + (argv == 0);
}
