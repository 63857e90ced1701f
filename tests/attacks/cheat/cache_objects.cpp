// objects that outlive a process: shared memory, queues, semaphores, keys; names of POSIX ones are gone with the run
// EXPECT: accepted  OUTPUT: safe  INPUT: twice
#include <cstdio>
#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
int main()
{
    int bad = shm_open("/a", O_RDWR, 0600) >= 0 || sem_open("/a", 0) != SEM_FAILED;
    shm_open("/a", O_CREAT | O_RDWR, 0600);
    sem_open("/a", O_CREAT, 0600, 1);
    bad += mq_open("/a", O_CREAT | O_RDWR, 0600, nullptr) != (mqd_t)-1;
    bad += shmget(4711, 4096, IPC_CREAT | 0600) >= 0 || msgget(4711, IPC_CREAT | 0600) >= 0;
    bad += semget(4711, 1, IPC_CREAT | 0600) >= 0;
    std::puts(bad ? "escaped" : "safe");
}
