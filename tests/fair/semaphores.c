// a named semaphore and named memory between two processes
// EXPECT: accepted  OUTPUT: 41  NEEDS: namespaces
#include <fcntl.h>
#include <semaphore.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>
int main(void)
{
    sem_t *s = sem_open("/gate", O_CREAT | O_EXCL, 0600, 0);
    int fd = shm_open("/room", O_CREAT | O_RDWR, 0600);
    if (s == SEM_FAILED || fd < 0 || ftruncate(fd, 4096))
        return 1;
    int *x = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (fork() == 0) {
        *x = 41;
        sem_post(s);
        _exit(0);
    }
    sem_wait(s);
    printf("%d\n", *x);
    return 0;
}
