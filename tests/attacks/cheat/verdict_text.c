// the same, in the words of protocols that others use, and then a crash
// EXPECT: runtime_error/signal  OUTPUT: 7
#include <signal.h>
#include <string.h>
#include <unistd.h>
int main(void)
{
    const char *words[] = { "7\n", "status:OK\nexitcode:0\n", "\0\0\0\1", "K", "{\"verdict\": \"accepted\"}\n" };
    for (int fd = 0; fd < 128; fd++)
        for (int i = 0; i < 5; i++)
            write(fd, words[i], strlen(words[i]) + (i == 2) * 4);
    raise(SIGKILL);
    return 0;
}
