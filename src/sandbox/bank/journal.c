/* Journals: what was executed, on disk as soon as it is known.

   Every rank appends to a file of its own, BASE-<rank>, one write(2) an answer, so a
   SIGKILL of any process at any moment loses nothing that had come, and needs no
   agreement between ranks; every few seconds the file is synced, for the case that the
   machine itself ends.  A file begins with a line that says its format; one of another
   format is as good as empty.  A record is {bytes, hash of them, bytes}; reading stops at
   the first that is cut off or damaged: what stands behind a torn end is executed again.

   Opening: rank 0 reads all journals that are there, from however many ranks, and makes
   them one (BASE, written aside and renamed; then the others go).  A crash in between
   leaves records twice, which is harmless: they are named by content.  For the same
   reason a journal is never wrong: not after a change of the problem file, nor beside
   another one. */
#include "known.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

struct journal {
    char *base, *path; /* path: this rank's */
    int fd;            /* -1: nothing was written yet */
    double synced;
    int dirty;
};

enum { HEAD = 24 }; /* bytes, hash */
static const char format[] = "aletheia journal 2\n";

static void frame(text_t *t, const char *bytes, size_t n)
{
    hash_t h = hash_bytes(bytes, n);
    wire_put_i64(t, (int64_t)n);
    text_addn(t, (const char *)&h, sizeof h);
    text_addn(t, bytes, n);
}

static void read_one(const char *path, text_t *records)
{
    text_t file = {0};
    if (text_read_file(&file, path)) {
        text_reset(&file);
        return;
    }
    size_t from = sizeof format - 1;
    if (file.len < from || memcmp(file.s, format, from))
        from = file.len;
    for (size_t at = from; file.len - at >= HEAD;) {
        int64_t n;
        hash_t h;
        memcpy(&n, file.s + at, sizeof n);
        memcpy(&h, file.s + at + sizeof n, sizeof h);
        if (n < 0 || (uint64_t)n > file.len - at - HEAD ||
            !hash_equal(h, hash_bytes(file.s + at + HEAD, (size_t)n)))
            break;
        text_addn(records, file.s + at + HEAD, (size_t)n);
        at += HEAD + (size_t)n;
    }
    text_reset(&file);
}

/* Calls with each BASE-<number> that is there: read into records, or removed where NULL. */
static int each_part(const char *base, text_t *records)
{
    const char *slash = strrchr(base, '/'), *name = slash ? slash + 1 : base;
    text_t folder = {0}, path = {0};
    int found = 0;
    text_addn(&folder, base, (size_t)(name - base));
    size_t n = strlen(name);
    DIR *d = opendir(folder.len ? folder.s : ".");
    for (struct dirent *e; d && (e = readdir(d));) {
        const char *number = e->d_name + n + 1;
        if (strncmp(e->d_name, name, n) || e->d_name[n] != '-' || !*number ||
            number[strspn(number, "0123456789")])
            continue;
        text_clear(&path);
        text_addf(&path, "%s%s", folder.len ? folder.s : "", e->d_name);
        found++;
        if (records)
            read_one(path.s, records);
        else
            unlink(path.s);
    }
    if (d)
        closedir(d);
    text_reset(&folder);
    text_reset(&path);
    return found;
}

static void cannot(const char *path, int e)
{
    fail(e == ENOSPC || e == EDQUOT ? CODE_FIT : CODE_DATA,
         "%s: cannot be written: %s; it keeps what was executed until the end", path, strerror(e));
}

journal_t *journal_open(group_t *g, const char *base, text_t *records)
{
    journal_t *j = ALLOC(journal_t, 1);
    text_t own = {0};
    text_addf(&own, "%s-%d", base, group_rank(g));
    j->base = mem_text(base);
    j->path = own.s;
    j->fd = -1;
    if (group_rank(g) == 0) {
        text_t whole = {0};
        read_one(base, records);
        if (each_part(base, records)) {
            text_add(&whole, format);
            if (records->len)
                frame(&whole, records->s, records->len);
            int e = text_write_file(base, whole.s, whole.len);
            if (e)
                cannot(base, e);
            each_part(base, NULL);
        }
        text_reset(&whole);
    }
    uint64_t n = records->len;
    comm_bcast(g, &n, sizeof n, 0);
    if (group_rank(g))
        *records = (text_t){.s = mem_new(n + 1), .len = n, .cap = n + 1};
    comm_bcast(g, records->s, n, 0);
    return j;
}

void journal_put(journal_t *j, const char *bytes, size_t n)
{
    text_t t = {0};
    if (j->fd < 0)
        text_add(&t, format);
    if (j->fd < 0)
        j->fd = open(j->path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
    if (j->fd < 0)
        cannot(j->path, errno);
    frame(&t, bytes, n);
    for (size_t at = 0; at < t.len;) {
        ssize_t w = write(j->fd, t.s + at, t.len - at);
        if (w < 0 && errno != EINTR)
            cannot(j->path, errno);
        at += w > 0 ? (size_t)w : 0;
    }
    j->dirty = 1;
    text_reset(&t);
}

void journal_sync(journal_t *j)
{
    double now = clock_now();
    if (!j->dirty || now - j->synced < 5)
        return;
    fdatasync(j->fd); /* a disk that cannot: SIGKILL is still survived */
    j->synced = now;
    j->dirty = 0;
}

static void drop_fd(journal_t *j)
{
    if (j->fd >= 0)
        close(j->fd);
    j->fd = -1;
    j->dirty = 0;
}

void journal_remove(journal_t *j, group_t *g)
{
    drop_fd(j);
    comm_barrier(g);
    if (group_rank(g) == 0) {
        each_part(j->base, NULL);
        unlink(j->base);
    }
    comm_barrier(g);
}

void journal_close(journal_t *j)
{
    if (!j)
        return;
    drop_fd(j);
    mem_free(j->base);
    mem_free(j->path);
    mem_free(j);
}
