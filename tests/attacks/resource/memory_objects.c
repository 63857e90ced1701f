// memory where nobody looks: memfd, System V shared memory, message queues
// EXPECT: accepted  OUTPUT: safe
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
int main(void)
{
    int bad = memfd_create("x", 0) >= 0;
    bad += shmget(IPC_PRIVATE, 4096, 0600) >= 0;
    bad += msgget(IPC_PRIVATE, 0600) >= 0;
    bad += semget(IPC_PRIVATE, 1, 0600) >= 0;
    puts(bad ? "escaped" : "safe");
    return 0;
}
