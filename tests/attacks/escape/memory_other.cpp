// writes into another process
// EXPECT: runtime_error/security
#include <sys/uio.h>
#include <unistd.h>
int main()
{
    char x = 0;
    iovec mine = {&x, 1}, its = {&x, 1};
    return process_vm_writev(getppid(), &mine, 1, &its, 1, 0) == 1;
}
