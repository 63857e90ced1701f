/* The streams of a run, and the source of its program beside it.

   Standard input is a regular file, as where a judge redirects one: a program may seek in
   it, map it, ask how large it is.  Standard output and error are pipes.  All three have
   names, /dev/stdin, /dev/stdout, /dev/stderr and /dev/fd/{0,1,2}, though there is no /proc
   to point into: the input is a file of a tmpfs that guests see through a read-only mount,
   the pipes are FIFOs in the same folder, and what a guest is given was opened through that
   mount, so that nothing of it can be changed, its times and its mode included.  The same
   three files, open once, serve one run after the other: the input is written anew before
   each and read from its beginning, what a run can set on an open file (not to wait, say) is
   set back, and a FIFO that was not read to its end is emptied.

   The source lies in a folder of that tmpfs, /source, and a link in the scratch leads
   there: `main.py` can be opened, read and quoted in tracebacks, and not written to.  It
   is put there when another program runs than before; the link is part of a clean scratch.

   Without namespaces the names are the machine's own, through its /proc; input is sealed
   memory, and pipes are pipes.  Cost: five calls, a microsecond. */
#include "box.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* A FIFO's two ends; the reader's is ours. */
static int open_pipe(box_t *b, int number)
{
    char ours[8], theirs[16];
    snprintf(ours, sizeof ours, "%d", number);
    snprintf(theirs, sizeof theirs, "/dev/fd/%d", number);
    if (mkfifoat(b->streams, ours, 0600) < 0)
        return 0;
    b->mine[number] = openat(b->streams, ours, O_RDONLY | O_NONBLOCK | O_NOATIME | O_CLOEXEC);
    b->theirs[number] = b->mine[number] < 0 ? -1 : open(theirs, O_WRONLY | O_CLOEXEC);
    return b->theirs[number] >= 0;
}

int streams_start(box_t *b)
{
    if (b->degraded)
        return 1;
    b->mine[0] = openat(b->streams, "0", O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    b->theirs[0] = b->mine[0] < 0 ? -1 : open("/dev/fd/0", O_RDONLY | O_CLOEXEC);
    return b->theirs[0] >= 0 && open_pipe(b, 1) && open_pipe(b, 2)
               ? 1
               : box_fail(b, "making the files of streams");
}

static int write_all(int fd, const char *s, size_t n)
{
    size_t at = 0;
    while (at < n) {
        ssize_t did = pwrite(fd, s + at, n - at, (off_t)at);
        if (did < 0 && errno == EINTR)
            continue;
        if (did <= 0)
            return 0;
        at += (size_t)did;
    }
    return 1;
}

/* Memory that nobody can change any more. */
static int sealed(const box_t *b, const char *s, size_t n)
{
    const int seals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
    int fd = memfd_create("input", MFD_CLOEXEC | MFD_ALLOW_SEALING), in = -1;
    char name[64];
    snprintf(name, sizeof name, "self/fd/%d", fd);
    if (fd >= 0 && write_all(fd, s, n) && fcntl(fd, F_ADD_SEALS, seals) == 0)
        in = openat(b->proc, name, O_RDONLY | O_CLOEXEC);
    if (fd >= 0)
        close(fd);
    return in;
}

static int put_input(box_t *b, const char *s, size_t n)
{
    if (b->n_input != n && ftruncate(b->mine[0], (off_t)n) < 0)
        return 0;
    b->n_input = n;
    return write_all(b->mine[0], s, n);
}

int streams_input(box_t *b)
{
    return b->degraded           ? sealed(b, "", 0)
           : put_input(b, "", 0) ? open("/dev/fd/0", O_RDONLY | O_CLOEXEC)
                                 : -1;
}

/* As it was when it was opened, but for what is in it. */
static int set_back(box_t *b)
{
    char rest[4096];
    int good = lseek(b->theirs[0], 0, SEEK_SET) == 0;
    for (int i = 0; i < 3; i++)
        good &= fcntl(b->theirs[i], F_SETFL, 0) == 0;
    for (int i = 1; b->unread && i < 3; i++)
        while (read(b->mine[i], rest, sizeof rest) > 0) {
        }
    b->unread = 0;
    return good;
}

static int open_once(box_t *b, const guest_t *r, streams_t *s)
{
    int out[2] = {-1, -1}, err[2] = {-1, -1};
    s->guest[0] = sealed(b, r->in, r->n_in);
    int good = s->guest[0] >= 0 && pipe2(out, O_CLOEXEC) == 0 && pipe2(err, O_CLOEXEC) == 0 &&
               fcntl(out[0], F_SETFL, O_NONBLOCK) == 0 && fcntl(err[0], F_SETFL, O_NONBLOCK) == 0;
    s->out = out[0];
    s->err = err[0];
    s->guest[1] = out[1];
    s->guest[2] = err[1];
    return good;
}

int streams_open(box_t *b, const guest_t *r, streams_t *s)
{
    *s = (streams_t){.guest = {b->theirs[0], b->theirs[1], b->theirs[2]},
                     .out = b->mine[1],
                     .err = b->mine[2]};
    if (b->degraded ? open_once(b, r, s) : put_input(b, r->in, r->n_in) && set_back(b))
        return 1;
    box_fail(b, "preparing the streams of a run");
    streams_given(b, s);
    streams_close(b, s);
    return 0;
}

/* Closes what is this run's alone. */
static void let_go(const box_t *b, int *fd)
{
    int lasts = 0;
    for (int i = 0; i < 3; i++)
        lasts |= *fd == b->mine[i] || *fd == b->theirs[i];
    if (*fd >= 0 && !lasts)
        close(*fd);
    *fd = -1;
}

void streams_replace(const box_t *b, int *to, int fd)
{
    let_go(b, to);
    *to = fd;
}

void streams_given(const box_t *b, streams_t *s)
{
    for (int i = 0; i < 3; i++)
        let_go(b, &s->guest[i]);
}

void streams_close(const box_t *b, streams_t *s)
{
    let_go(b, &s->out);
    let_go(b, &s->err);
}

/* the source -------------------------------------------------------------------------- */

/* The link that a clean scratch has; whoever changed it did so in the folder or to the link
   itself. */
static int link_source(box_t *b, const char *name)
{
    char to[64];
    snprintf(to, sizeof to, "/source/%s", name);
    if (b->beside[0])
        unlinkat(b->scratch, b->beside, 0);
    b->beside[0] = 0;
    if (*name && symlinkat(to, b->scratch, name) < 0)
        return 0;
    snprintf(b->beside, sizeof b->beside, "%s", name);
    return 1;
}

int streams_relink(box_t *b)
{
    char name[sizeof b->beside];
    snprintf(name, sizeof name, "%s", b->beside);
    b->beside[0] = 0;
    return link_source(b, name);
}

int streams_source(box_t *b, const char *name, const char *s, size_t n)
{
    if (b->degraded || (b->placed == s && b->n_placed == n && !strcmp(b->beside, name)))
        return 1;
    if (!box_clean(b))
        return 0;
    if (strcmp(b->beside, name)) {
        if (b->beside[0])
            unlinkat(b->desk, b->beside, 0);
        if (!link_source(b, name))
            return box_fail(b, "putting a link to the source");
        box_remember(b);
    }
    b->placed = NULL;
    int fd = *name ? openat(b->desk, name, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644) : -1;
    int good = !*name || (fd >= 0 && write_all(fd, s, n));
    if (fd >= 0)
        close(fd);
    b->placed = s;
    b->n_placed = n;
    return good ? 1 : box_fail(b, "putting the source beside its program");
}
