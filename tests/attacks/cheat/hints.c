// leaves words for the next test where they would stay with its streams and folders: hints, owners, flags, places
// EXPECT: accepted  OUTPUT: safe  INPUT: twice
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>
int main(void)
{
    int bad = lseek(0, 0, SEEK_CUR) != 0, folder = open(".", O_RDONLY);
    uint64_t hint = 0;
    for (int fd = 0; fd < 4; fd++) {
        int f = fd < 3 ? fd : folder;
        bad += fcntl(f, F_GET_RW_HINT, &hint) == 0 && hint != 0;
        bad += fcntl(f, F_GET_FILE_RW_HINT, &hint) == 0 && hint != 0;
        bad += fd < 3 && (fcntl(f, F_GETFL) & (O_NONBLOCK | O_APPEND | O_ASYNC | O_DIRECT));
        bad += fcntl(f, F_GETOWN) > 0;
    }
    puts(bad ? "escaped" : "safe");
    fflush(stdout);
    hint = 3;
    for (int fd = 0; fd < 4; fd++) {
        int f = fd < 3 ? fd : folder;
        fcntl(f, F_SET_RW_HINT, &hint);
        fcntl(f, F_SET_FILE_RW_HINT, &hint);
        fcntl(f, F_SETOWN, getpid());
        fcntl(f, F_SETFL, O_NONBLOCK | O_APPEND);
        fcntl(f, F_SETFL, O_NONBLOCK | O_DIRECT | O_ASYNC);
    }
    lseek(0, 4711, SEEK_SET);
    return 0;
}
