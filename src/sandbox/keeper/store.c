/* The keeper's store: what one launcher has made, the others take.

   It holds descriptors, not bytes: of files and folders in the nameless file systems of
   the launchers that made them, which live on after their launcher while a descriptor
   is open.  An entry is being made by one launcher (others that ask wait), ready,
   failed (with the compiler's words), or counted: a precompiled header is only made when
   it has been asked for often enough, and nobody waits for it.

   PROGRAMS compiled programs of BYTES in all are kept, the one that was not asked for the
   longest making room; PREFIXES precompiled headers, the first that are worth it.  A fault of ours
   is never kept.  A launcher that is lost while it makes something leaves that to the first
   who waits. */
#include "store.h"
#include "sandbox/language/compile.h"
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LAUNCHERS = 256, PROGRAMS = 256, COUNTED = 512, PREFIXES = 4, BYTES = 192 << 20 };
enum { FREE, COUNTING, MAKING, READY, FAILED };

typedef struct {
    int state, kind, maker, asked, fd, verdict;
    hash_t key;
    int64_t used, bytes;
    const char *subcode;
    char *message;
} entry_t;

struct store {
    entry_t entry[PROGRAMS + COUNTED]; /* programs, then headers */
    pipe_end_t *to[LAUNCHERS];
    int side[LAUNCHERS], waits[LAUNCHERS]; /* waits: entry + 1 */
    int64_t now, bytes;                    /* of programs */
};

store_t *store_new(void)
{
    return ALLOC(store_t, 1);
}

void store_join(store_t *s, int i, pipe_end_t *to, int side)
{
    s->to[i] = to;
    s->side[i] = side;
    s->waits[i] = 0;
}

static void forget(store_t *s, entry_t *e)
{
    if (e->state == READY)
        close(e->fd);
    s->bytes -= e->bytes;
    mem_free(e->message);
    *e = (entry_t){0};
}

static void answer(store_t *s, int i, int what, const entry_t *e)
{
    text_t t = {0};
    if (what == SHARE_TAKE && !share_send(s->side[i], e->fd))
        what = e->kind == SHARE_PROGRAM ? SHARE_MAKE : SHARE_NOT_NOW;
    const char *subcode = what == SHARE_FAILED ? e->subcode : "";
    const char *message = what == SHARE_FAILED ? e->message : "";
    wire_put_i64(&t, what);
    wire_put_i64(&t, e->verdict);
    wire_put_bytes(&t, subcode, strlen(subcode));
    wire_put_bytes(&t, message, strlen(message));
    frame_put(s->to[i], MSG_TELL, &t);
    frame_pump(s->to[i], 0);
    text_reset(&t);
    s->waits[i] = 0;
}

/* The entry of this key, or the one that makes room for it. */
static int find(store_t *s, int kind, hash_t key)
{
    int first = kind == SHARE_PROGRAM ? 0 : PROGRAMS, best = -1;
    int last = kind == SHARE_PROGRAM ? PROGRAMS : PROGRAMS + COUNTED;
    for (int i = first; i < last; i++) {
        const entry_t *e = &s->entry[i];
        if (e->state && hash_equal(e->key, key))
            return i;
        int may = e->state != MAKING && !(kind == SHARE_PREFIX && e->state == READY);
        if (may && (best < 0 || e->used < s->entry[best].used))
            best = i;
    }
    return best;
}

static void ask(store_t *s, int i, wire_in_t *in)
{
    int kind = (int)wire_i64(in), after = (int)wire_i64(in), prefixes = 0;
    hash_t key = {(uint64_t)wire_i64(in), 0};
    key.hi = (uint64_t)wire_i64(in);
    int at = find(s, kind, key);
    entry_t none = {.kind = kind}, *e = at < 0 ? &none : &s->entry[at];
    if (at < 0) {
        answer(s, i, kind == SHARE_PROGRAM ? SHARE_MAKE : SHARE_NOT_NOW, e);
        return;
    }
    if (!e->state || !hash_equal(e->key, key)) {
        forget(s, e);
        *e = (entry_t){.state = COUNTING, .kind = kind, .key = key};
    }
    e->used = ++s->now;
    e->asked++;
    for (int k = PROGRAMS; k < PROGRAMS + COUNTED; k++)
        prefixes += s->entry[k].state == READY || s->entry[k].state == MAKING;
    int worth = kind == SHARE_PROGRAM || (e->asked >= after && prefixes < PREFIXES);
    if (e->state == READY) {
        answer(s, i, SHARE_TAKE, e);
    } else if (e->state == FAILED) {
        answer(s, i, kind == SHARE_PROGRAM ? SHARE_FAILED : SHARE_NOT_NOW, e);
    } else if (e->state == MAKING && kind == SHARE_PROGRAM) {
        s->waits[i] = at + 1;
    } else if (e->state == COUNTING && worth) {
        e->state = MAKING;
        e->maker = i;
        answer(s, i, SHARE_MAKE, e);
    } else {
        answer(s, i, SHARE_NOT_NOW, e);
    }
}

/* Whoever waits for an entry that is decided, or whose maker is gone. */
static void serve(store_t *s, int at)
{
    entry_t *e = &s->entry[at];
    for (int i = 0; i < LAUNCHERS; i++) {
        if (s->waits[i] != at + 1)
            continue;
        if (e->state == COUNTING) {
            e->state = MAKING;
            e->maker = i;
            answer(s, i, SHARE_MAKE, e);
        } else if (e->state != MAKING) {
            answer(s, i, e->state == READY ? SHARE_TAKE : SHARE_FAILED, e);
        }
    }
}

static void make_room(store_t *s)
{
    while (s->bytes > BYTES) {
        int oldest = -1;
        for (int i = 0; i < PROGRAMS; i++)
            if (s->entry[i].state == READY &&
                (oldest < 0 || s->entry[i].used < s->entry[oldest].used))
                oldest = i;
        forget(s, &s->entry[oldest]);
    }
}

static void made(store_t *s, int i, wire_in_t *in)
{
    int kind = (int)wire_i64(in);
    hash_t key = {(uint64_t)wire_i64(in), 0};
    key.hi = (uint64_t)wire_i64(in);
    int good = (int)wire_i64(in), verdict = (int)wire_i64(in);
    size_t n;
    const char *subcode = subcode_text(wire_bytes(in, &n)), *message = wire_bytes(in, &n);
    int fd = good ? share_receive(s->side[i]) : -1, at = find(s, kind, key);
    entry_t *e = at < 0 ? NULL : &s->entry[at];
    if (!e || e->state != MAKING || e->maker != i || !hash_equal(e->key, key)) {
        if (fd >= 0)
            close(fd);
        return;
    }
    struct stat file;
    e->bytes = fd >= 0 && kind == SHARE_PROGRAM && fstat(fd, &file) == 0 ? file.st_size : 0;
    s->bytes += e->bytes;
    e->fd = fd;
    e->verdict = verdict;
    e->subcode = subcode;
    e->message = mem_text(message);
    e->state = fd >= 0                                                 ? READY
               : !good && (verdict != V_FAULT || kind == SHARE_PREFIX) ? FAILED
                                                                       : COUNTING;
    serve(s, at);
    make_room(s);
}

void store_hear(store_t *s, int i, int kind, wire_in_t *in)
{
    if (kind == MSG_ASK)
        ask(s, i, in);
    else if (kind == MSG_MADE)
        made(s, i, in);
}

void store_lost(store_t *s, int i)
{
    s->waits[i] = 0;
    s->to[i] = NULL;
    if (s->side[i] > 0)
        close(s->side[i]);
    s->side[i] = -1;
    for (int at = 0; at < PROGRAMS + COUNTED; at++)
        if (s->entry[at].state == MAKING && s->entry[at].maker == i) {
            s->entry[at].state = COUNTING;
            serve(s, at);
        }
}
