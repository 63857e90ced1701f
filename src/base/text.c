/* Strings that grow, and whole files.

   text_write_file is how every small file of a run comes to be: written aside, fsynced, renamed,
   so that a reader sees the old file or the new one and never half of either. */
#include "base.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

void text_addn(text_t *t, const char *s, size_t n)
{
    if (t->len + n + 1 > t->cap) {
        size_t cap = t->cap ? t->cap : 64;
        while (cap < t->len + n + 1)
            cap *= 2;
        t->s = mem_grow(t->s, cap);
        t->cap = cap;
    }
    if (n)
        memcpy(t->s + t->len, s, n);
    t->len += n;
    t->s[t->len] = 0;
}

void text_add(text_t *t, const char *s)
{
    text_addn(t, s, strlen(s));
}

void text_addf(text_t *t, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    ASSERT(n >= 0);
    text_addn(t, "", 0);
    if (t->len + (size_t)n + 1 > t->cap) {
        t->cap = 2 * (t->len + (size_t)n + 1);
        t->s = mem_grow(t->s, t->cap);
    }
    vsnprintf(t->s + t->len, (size_t)n + 1, fmt, again);
    va_end(again);
    t->len += (size_t)n;
}

void text_clear(text_t *t)
{
    t->len = 0;
    text_addn(t, "", 0);
}

void text_reset(text_t *t)
{
    mem_free(t->s);
    *t = (text_t){0};
}

int text_in_dir(const char *dir, const char *name)
{
    text_t path = {0};
    text_addf(&path, "%s/%s", dir, name);
    int there = access(path.s, F_OK) == 0;
    text_reset(&path);
    return there;
}

int text_read_file(text_t *t, const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return errno;
    char block[65536];
    size_t n;
    text_addn(t, "", 0);
    while ((n = fread(block, 1, sizeof block, f)) > 0)
        text_addn(t, block, n);
    int bad = ferror(f) ? (errno ? errno : EIO) : 0;
    fclose(f);
    return bad;
}

int text_write_file(const char *path, const char *s, size_t n)
{
    text_t aside = {0};
    text_addf(&aside, "%s.tmp", path);
    int bad = 0, fd = open(aside.s, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        bad = errno;
    for (size_t done = 0; !bad && done < n;) {
        ssize_t w = write(fd, s + done, n - done);
        if (w < 0 && errno != EINTR)
            bad = errno;
        else if (w > 0)
            done += (size_t)w;
    }
    if (fd >= 0) {
        if (!bad && fsync(fd) != 0)
            bad = errno;
        if (close(fd) != 0 && !bad)
            bad = errno;
        if (!bad && rename(aside.s, path) != 0)
            bad = errno;
        if (bad)
            unlink(aside.s);
    }
    text_reset(&aside);
    return bad;
}
