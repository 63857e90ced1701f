/* The wish to stop.

   A batch system says it with SIGUSR1 or SIGTERM, a person with `touch RUN/stop`.  The handler only
   sets a flag; loops look at it at safe points.  The file is looked for at most ten times a second,
   so that asking is free in a decode loop.  Whether all ranks stop is a collective matter and not
   decided here. */
#include "base.h"
#include <signal.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t asked;
static struct {
    char path[4096];
    double next;
} watch;

static void on_signal(int s)
{
    (void)s;
    asked = 1;
}

void stop_install(void)
{
    struct sigaction a = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigemptyset(&a.sa_mask);
    sigaction(SIGUSR1, &a, NULL);
    sigaction(SIGTERM, &a, NULL);
    asked = 0;
}

void stop_ask(void)
{
    asked = 1;
}

void stop_watch_file(const char *path)
{
    watch.path[0] = 0;
    watch.next = 0;
    if (path && strlen(path) < sizeof watch.path)
        memcpy(watch.path, path, strlen(path) + 1);
}

int stop_asked(void)
{
    if (asked || !watch.path[0])
        return asked;
    double now = clock_now();
    if (now >= watch.next) {
        watch.next = now + 0.1;
        if (access(watch.path, F_OK) == 0)
            asked = 1;
    }
    return asked;
}
