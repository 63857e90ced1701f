/* The log: rank 0 speaks, to stdout and to one file.

   Lines go out as they are made (a killed job keeps its log).  The bar is for people: it exists
   only where stdout is a terminal, rewrites its own line, and is wiped before any line of text. */
#include "base.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct {
    int rank;
    FILE *file;
    int bar;
} the_log;

void log_set_rank(int rank)
{
    the_log.rank = rank;
}

void log_open(const char *path)
{
    if (the_log.rank != 0)
        return;
    log_close();
    the_log.file = fopen(path, "a");
    if (!the_log.file)
        fail(CODE_USAGE, "%s: cannot be written; is its folder there and yours?", path);
    setvbuf(the_log.file, NULL, _IOLBF, 0);
}

void log_close(void)
{
    if (the_log.file)
        fclose(the_log.file);
    the_log.file = NULL;
}

static void wipe_bar(void)
{
    if (the_log.bar)
        fputs("\r\033[K", stdout);
    the_log.bar = 0;
}

static void say(FILE *to, const char *fmt, va_list ap)
{
    va_list again;
    va_copy(again, ap);
    wipe_bar();
    vfprintf(to, fmt, ap);
    fputc('\n', to);
    fflush(to);
    if (the_log.file) {
        vfprintf(the_log.file, fmt, again);
        fputc('\n', the_log.file);
    }
    va_end(again);
}

void log_line(const char *fmt, ...)
{
    if (the_log.rank != 0)
        return;
    va_list ap;
    va_start(ap, fmt);
    say(stdout, fmt, ap);
    va_end(ap);
}

void log_warn(const char *fmt, ...)
{
    if (the_log.rank != 0)
        return;
    va_list ap;
    va_start(ap, fmt);
    say(stderr, fmt, ap);
    va_end(ap);
}

int log_is_terminal(void)
{
    if (!isatty(STDOUT_FILENO) || !getenv("OMPI_COMM_WORLD_RANK"))
        return isatty(STDOUT_FILENO);
    char path[64], to[16] = "";
    snprintf(path, sizeof path, "/proc/%d/fd/1", (int)getppid());
    return readlink(path, to, sizeof to - 1) > 0 &&
           (!strncmp(to, "/dev/pts/", 9) || !strncmp(to, "/dev/tty", 8));
}

void log_bar(const char *what, double done, double total)
{
    if (the_log.rank != 0 || !log_is_terminal())
        return;
    if (done >= total || total <= 0) {
        wipe_bar();
        fflush(stdout);
        return;
    }
    char bar[41];
    int full = (int)(40 * done / total);
    memset(bar, '-', 40);
    memset(bar, '#', (size_t)full);
    bar[40] = 0;
    printf("\r%s [%s] %3.0f%%", what, bar, 100 * done / total);
    fflush(stdout);
    the_log.bar = 1;
}
