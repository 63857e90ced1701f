/* What is kept of a compilation, and how it comes back before a run.

   One file that is executed (`run = ./main`) is copied out of the scratch as it is.
   Anything else becomes a bundle: a file of records {name, bytes}, for each file whose
   name one of the row's patterns fits; one that begins with two stars and a slash does so
   in folders below too.  Names are paths inside the scratch, made here from folders' entries, so
   that none is absolute or leads upwards; links are not followed and not kept.  Where the row's
   `run` says {class}, the class to be started stands in a first record whose name no
   file can have (java.c).

   Either lies without a name in the folder of programs, open for reading only. */
#include "compile.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* files; folders; bytes; bytes */
enum { BUNDLE_MOST = 1024, DEEP_MOST = 32, HEAD = 512, CLASS_MOST = 16 << 20 };
static const char main_record[] = "/class";

typedef struct {
    int to, count, good, wants_class, order, rank, only;
    line_t keep;
    const java_source_t *types;
    const char * not ;
    char class[HEAD];
    text_t *why;
} keeping_t;

int bundle_is_single(const language_t *l)
{
    const char *kept = l->keep ? l->keep : "main";
    return !strncmp(l->run, "./", 2) && !strpbrk(kept, "*?[ ");
}

static int write_all(int to, const void *p, size_t n)
{
    for (size_t at = 0; at < n;) {
        ssize_t did = write(to, (const char *)p + at, n - at);
        if (did <= 0)
            return 0;
        at += (size_t)did;
    }
    return 1;
}

static int put_head(int to, const char *name, int64_t size)
{
    char head[HEAD] = "";
    snprintf(head, sizeof head, "%s", name);
    return write_all(to, head, sizeof head) && write_all(to, &size, sizeof size);
}

/* A regular file of the folder, its size; -1: it is none. */
static int open_regular(int folder, const char *name, int64_t *size)
{
    struct stat s;
    int from = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (from >= 0 && (fstat(from, &s) < 0 || !S_ISREG(s.st_mode))) {
        close(from);
        from = -1;
    }
    *size = from >= 0 ? s.st_size : 0;
    return from;
}

static int copy(int to, int from, int64_t size)
{
    char part[1 << 16];
    ssize_t n = 1;
    while (size > 0 &&
           (n = read(from, part, size < (int64_t)sizeof part ? (size_t)size : sizeof part)) > 0 &&
           write_all(to, part, (size_t)n))
        size -= n;
    return size == 0;
}

/* Is it the class to be started, or a better one than that found before? */
static void look_for_main(keeping_t *k, int from, int64_t size)
{
    char class[HEAD];
    char *s = size <= CLASS_MOST ? mem_new((size_t)size + 1) : NULL;
    int rank = s && pread(from, s, (size_t)size, 0) == size
                   ? java_main(s, (size_t)size, class, sizeof class)
                   : 0;
    mem_free(s);
    int order = rank ? java_order(k->types, class, k->only) : 0;
    if (!order || !strcmp(class, k->not ))
        return;
    int better = rank > k->rank ||
                 (rank == k->rank &&
                  (order < k->order || (order == k->order && strcmp(class, k->class) < 0)));
    if (better) {
        k->rank = rank;
        k->order = order;
        snprintf(k->class, sizeof k->class, "%s", class);
    }
}

static void keep_one(keeping_t *k, int folder, const char *name, const char *path)
{
    int64_t size;
    int from = open_regular(folder, name, &size);
    if (from < 0)
        return;
    size_t n = strlen(path);
    if (k->wants_class && n > 6 && !strcmp(path + n - 6, ".class"))
        look_for_main(k, from, size);
    if (++k->count > BUNDLE_MOST) {
        text_addf(k->why, "compiling leaves more than %d files", BUNDLE_MOST);
        k->good = 0;
    }
    k->good = k->good && put_head(k->to, path, size) && copy(k->to, from, size);
    close(from);
}

static int fits(const keeping_t *k, const char *name, int depth)
{
    for (int i = 0; i < k->keep.n; i++) {
        const char *p = k->keep.word[i];
        const int below = !strncmp(p, "**/", 3);
        if ((below || !depth) && !fnmatch(below ? p + 3 : p, name, FNM_PERIOD))
            return 1;
    }
    return 0;
}

/* dir is closed. */
static void keep_folder(keeping_t *k, int dir, const char *path, int depth)
{
    DIR *d = fdopendir(dir);
    if (!d) {
        close(dir);
        return;
    }
    for (struct dirent *e; k->good && (e = readdir(d));) {
        char inside[HEAD];
        int n = snprintf(inside, sizeof inside, "%s%s%s", path, *path ? "/" : "", e->d_name);
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..") || n >= (int)sizeof inside)
            continue;
        int sub = depth < DEEP_MOST
                      ? openat(dir, e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                      : -1;
        if (sub >= 0)
            keep_folder(k, sub, inside, depth + 1);
        else if (fits(k, e->d_name, depth))
            keep_one(k, dir, e->d_name, inside);
    }
    closedir(d);
}

static int keep_all(box_t *b, const language_t *l, int to, const compiling_t *c)
{
    java_source_t types = {0};
    char not [NAME_MAX + 1] = "";
    keeping_t k = {.to = to,
                   .good = 1,
                   .wants_class = language_wants_class(l),
                   .types = &types,
                   .only = c->harness != NULL,
                   .not = not,
                   .why = c->why};
    if (c->start)
        snprintf(not, sizeof not, "%.*s", (int)strcspn(c->start, "."), c->start);
    int again = openat(b->scratch, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (again < 0)
        return 0;
    if (k.wants_class)
        java_source(c->harness ? c->harness : c->source, c->harness ? c->n_harness : c->n_source,
                    &types);
    line_split(&k.keep, l->keep ? l->keep : "main", (const char *const[]){NULL});
    keep_folder(&k, again, "", 0);
    line_reset(&k.keep);
    if (k.good && !k.count)
        text_add(c->why, "the compiler left nothing that could be run");
    k.good = k.good && k.count;
    if (k.good && k.wants_class && !k.rank) {
        text_addf(c->why, "there is no class with `public static void main(String[])`%s",
                  c->harness ? " in the harness" : "");
        k.good = 0;
    }
    if (k.good && k.wants_class)
        k.good = put_head(to, main_record, (int64_t)strlen(k.class)) &&
                 write_all(to, k.class, strlen(k.class));
    return k.good;
}

int bundle_keep(box_t *b, const language_t *l, const compiling_t *c)
{
    unlinkat(b->cache, "new", 0);
    int to = openat(b->cache, "new", O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0700), fd = -1,
        good = 0;
    if (to < 0)
        return OUR_FAILURE;
    fchmod(to, 0755); /* launchers of the same keeper may have other ids */
    if (bundle_is_single(l)) {
        int64_t size;
        int from = open_regular(b->scratch, l->keep ? l->keep : "main", &size);
        good = from >= 0 && copy(to, from, size);
        if (from >= 0)
            close(from);
        else
            text_add(c->why, "the compiler left nothing that could be run");
    } else {
        good = keep_all(b, l, to, c);
    }
    struct statfs room;
    int full = fstatfs(to, &room) < 0 || room.f_bavail == 0;
    close(to);
    if (good)
        fd = openat(b->cache, "new", O_RDONLY | O_CLOEXEC);
    unlinkat(b->cache, "new", 0);
    return good && fd >= 0 ? fd : good || full ? OUR_FAILURE : NOTHING_LEFT;
}

/* back again ------------------------------------------------------------------------- */

static int put_path(box_t *b, const char *path, const char *s, size_t n)
{
    char folder[HEAD];
    for (const char *at = path; (at = strchr(at, '/')); at++) {
        snprintf(folder, sizeof folder, "%.*s", (int)(at - path), path);
        if (mkdirat(b->scratch, folder, 0700) < 0 && errno != EEXIST)
            return 0;
    }
    return compile_put(b, path, s, n);
}

/* The record at *at: its name and size; *at is where its bytes begin.  0: there is none. */
static int next_record(int fd, off_t *at, char *name, int64_t *size)
{
    if (pread(fd, name, HEAD, *at) != HEAD ||
        pread(fd, size, sizeof *size, *at + HEAD) != sizeof *size || *size < 0)
        return 0;
    *at += HEAD + (off_t)sizeof *size;
    return 1;
}

int bundle_place(box_t *b, int fd)
{
    char name[HEAD];
    int64_t size;
    int good = 1;
    for (off_t at = 0; good && next_record(fd, &at, name, &size); at += size) {
        if (name[0] == '/')
            continue;
        char *s = mem_new((size_t)size + 1);
        good = pread(fd, s, (size_t)size, at) == size && put_path(b, name, s, (size_t)size);
        mem_free(s);
    }
    return good;
}

void bundle_class(int fd, text_t *out)
{
    char name[HEAD], s[HEAD];
    int64_t size;
    for (off_t at = 0; next_record(fd, &at, name, &size); at += size)
        if (!strcmp(name, main_record) && size < HEAD && pread(fd, s, (size_t)size, at) == size)
            text_addn(out, s, (size_t)size);
}
