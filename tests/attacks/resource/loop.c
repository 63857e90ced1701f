// busy loop
// EXPECT: time_limit/cpu
int main(void)
{
    for (volatile int i = 0;; i++) {}
}
