// a semaphore and memory with names, held by a child when the test ends: the next one must not find them
// EXPECT: accepted  OUTPUT: safe  INPUT: twice  NEEDS: namespaces
#include <fcntl.h>
#include <semaphore.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>
int main(void)
{
    int bad = sem_open("/left", 0) != SEM_FAILED || shm_open("/left", O_RDWR, 0600) >= 0;
    sem_t *s = sem_open("/left", O_CREAT, 0600, 1);
    int fd = shm_open("/left", O_CREAT | O_RDWR, 0600);
    bad += s == SEM_FAILED || ftruncate(fd, 1 << 20) < 0;
    char *m = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    for (int i = 0; i < 1 << 20; i += 4096)
        m[i] = 7;
    if (fork() == 0)
        for (;;)
            pause();
    puts(bad ? "escaped" : "safe");
    return 0;
}
