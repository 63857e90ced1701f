/* From a source to something that can be run, inside the sandbox, as an untrusted run of
   its own with the compile limits.

   The source is written to the scratch under the name that its language wants; the line
   of the table of languages runs there under the same filter, root and bounds as any
   guest.  What is to be kept of its result is copied out of the scratch into the
   nameless folder of programs, where it loses its name at once: only descriptors lead to
   it.  A single `main` is executed from its descriptor, so that no guest ever sees
   another's program; several files (Java's classes) become one bundle, unpacked into
   the scratch before every run.  The same goes for the source of a language that is not
   compiled at all.

   Programs are kept by the hash of (source, flags, tool-chain, compile limits), the
   oldest of BOX_CACHE making room; beyond that the launchers of a keeper share them
   (share.c): identical sources are compiled once, and a failure is remembered too.

   Whatever a source does to the compiler (include bombs, endless output, a crash) ends
   in COMPILE_ERROR; only a launcher that cannot start the compiler is a FAULT. */
#include "compile.h"
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BUNDLE_MOST = 256, CACHE_MOST = 128 << 20 }; /* files; bytes */
enum { NOTHING_LEFT = -1, OUR_FAILURE = -2 };

int compile_put(box_t *b, const char *name, const char *s, size_t n)
{
    int fd = openat(b->scratch, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    size_t at = 0;
    while (fd >= 0 && at < n) {
        ssize_t did = write(fd, s + at, n - at);
        if (did <= 0)
            break;
        at += (size_t)did;
    }
    if (fd >= 0)
        close(fd);
    return fd >= 0 && at == n;
}

void compile_run(box_t *b, const language_t *l, const limits_t *given, int prefix, guest_t *r)
{
    char source[600], program[300], path[300];
    line_t line, more = {0};
    const char *argv[2 * LINE_WORDS + 3];
    int n = 0;
    snprintf(source, sizeof source, "%s/%s", b->scratch_path, l->file);
    snprintf(program, sizeof program, "%s/main", b->scratch_path);
    const char *const pairs[] = {"source", source, "program", program, "memory_mb", "", NULL};
    line_split(&line, l->compile, pairs);
    if (l->options)
        line_split(&more, l->options, pairs);
    toolchain_path(line.word[0], path, sizeof path);
    argv[n++] = path;
    for (int i = 1; i < line.n; i++)
        argv[n++] = line.word[i];
    for (int i = 0; i < more.n; i++)
        if (l->taken >> i & 1)
            argv[n++] = more.word[i];
    if (prefix >= 0) {
        argv[n++] = "-include";
        argv[n++] = "prefix.h";
    }
    argv[n] = NULL;
    line_t variables;
    toolchain_variables(l, &variables);
    *r = (guest_t){.argv = argv, .exe = -1, .in = "", .limits = limits_compiling(*given), .variables = &variables};
    r->folder = prefix >= 0 ? prefix : 0;
    r->limits.file_kb = 32768;
    r->limits.output_kb = 64;
    r->limits.processes = 64;
    run_go(b, r);
    r->argv = NULL;
    r->variables = NULL;
    line_reset(&variables);
    line_reset(&line);
    line_reset(&more);
}

/* what is kept ----------------------------------------------------------------------- */

static int is_single(const language_t *l)
{
    const char *kept = l->keep ? l->keep : "main";
    return !strncmp(l->run, "./", 2) && !strpbrk(kept, "*?[ ");
}

static int append(int to, int folder, const char *name, int with_head)
{
    char part[1 << 16], head[NAME_MAX + 1] = "";
    struct stat s;
    ssize_t n = -1;
    int from = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (from >= 0 && fstat(from, &s) == 0 && S_ISREG(s.st_mode)) {
        int64_t size = s.st_size;
        snprintf(head, sizeof head, "%s", name);
        int good = !with_head || (write(to, head, sizeof head) == sizeof head &&
                                  write(to, &size, sizeof size) == sizeof size);
        while (good && size > 0 &&
               (n = read(from, part, size < (int64_t)sizeof part ? (size_t)size : sizeof part)) > 0) {
            good = write(to, part, (size_t)n) == n;
            size -= n;
        }
        n = good && size == 0 ? 0 : -1;
    }
    if (from >= 0)
        close(from);
    return n == 0;
}

static int append_all(box_t *b, const language_t *l, int to)
{
    line_t keep;
    int count = 0, good = 1, again = openat(b->scratch, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = again < 0 ? NULL : fdopendir(again);
    line_split(&keep, l->keep ? l->keep : "main", (const char *const[]){NULL});
    for (struct dirent *e; d && good && (e = readdir(d));)
        for (int i = 0; i < keep.n; i++)
            if (!fnmatch(keep.word[i], e->d_name, FNM_PERIOD)) {
                good = ++count <= BUNDLE_MOST && append(to, b->scratch, e->d_name, 1);
                break;
            }
    if (d)
        closedir(d);
    line_reset(&keep);
    return good && count;
}

/* A file without a name, open for reading only. */
static int keep_result(box_t *b, const language_t *l)
{
    unlinkat(b->cache, "new", 0);
    int to = openat(b->cache, "new", O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0700), fd = -1;
    if (to < 0)
        return OUR_FAILURE;
    fchmod(to, 0755); /* launchers of the same keeper may have other ids */
    int good = is_single(l) ? append(to, b->scratch, l->keep ? l->keep : "main", 0)
                            : append_all(b, l, to);
    struct statfs room;
    int full = fstatfs(to, &room) < 0 || room.f_bavail == 0;
    close(to);
    if (good)
        fd = openat(b->cache, "new", O_RDONLY | O_CLOEXEC);
    unlinkat(b->cache, "new", 0);
    return good && fd >= 0 ? fd : good || full ? OUR_FAILURE : NOTHING_LEFT;
}

static int unpack(box_t *b, int fd)
{
    char head[NAME_MAX + 1];
    int64_t size;
    off_t at = 0;
    while (pread(fd, head, sizeof head, at) == sizeof head &&
           pread(fd, &size, sizeof size, at + (off_t)sizeof head) == sizeof size) {
        char *s = mem_new((size_t)size + 1);
        at += (off_t)(sizeof head + sizeof size);
        int good = pread(fd, s, (size_t)size, at) == size && compile_put(b, head, s, (size_t)size);
        mem_free(s);
        at += size;
        if (!good)
            return 0;
    }
    return 1;
}

/* compiling -------------------------------------------------------------------------- */

static void say_failure(const guest_t *r, failed_t *why)
{
    why->verdict = r->fault ? V_FAULT : V_COMPILE_ERROR;
    why->subcode = r->fault                      ? r->fault
                   : r->over_memory              ? "compiler memory"
                   : r->over_cpu || r->over_wall ? "compiler time"
                                                 : "compiler";
    size_t n = r->err.len < 4000 ? r->err.len : 4000;
    text_addn(why->message, r->err.s ? r->err.s : "", n);
}

static int is_good(const guest_t *r)
{
    return !r->fault && WIFEXITED(r->status) && WEXITSTATUS(r->status) == 0 && !r->over_cpu &&
           !r->over_wall && !r->over_memory && !r->over_out && !r->over_err;
}

static int compile(box_t *b, const language_t *l, const job_t *j, failed_t *why)
{
    guest_t r;
    int fd = -1, prefix = prefix_folder(b, l, j->source, j->n_source);
    streams_source(b, "", NULL, 0);
    for (int plainly = prefix < 0; plainly < 2; plainly++) {
        if (!compile_put(b, l->file, j->source, j->n_source)) {
            box_clean(b);
            *why = (failed_t){V_COMPILE_ERROR, "compiler", why->message};
            text_add(why->message, "the source does not fit into the scratch folder");
            break;
        }
        compile_run(b, l, &j->limits, plainly ? -1 : prefix, &r);
        fd = is_good(&r) ? keep_result(b, l) : NOTHING_LEFT;
        int ours = fd == NOTHING_LEFT && !plainly && r.err.s && strstr(r.err.s, "prefix.h");
        if (fd < 0 && !ours)
            say_failure(&r, why);
        if (fd == OUR_FAILURE && !ours) {
            *why = (failed_t){V_FAULT, "launcher", why->message};
            text_add(why->message, "a compiled program could not be kept");
            b->tainted = 1;
        }
        run_reset(&r);
        box_clean(b);
        if (!ours)
            break;
    }
    if (prefix >= 0)
        close(prefix);
    return fd;
}

static int64_t bytes_of(int fd)
{
    struct stat s;
    return fstat(fd, &s) == 0 ? s.st_size : 0;
}

/* The oldest make room: BOX_CACHE of them, CACHE_MOST bytes. */
static void remember(box_t *b, hash_t key, int fd)
{
    int64_t bytes = bytes_of(fd);
    for (int i = 0; i < b->n_cached; i++)
        bytes += bytes_of(b->cached_fd[i]);
    int drop = 0;
    for (; drop < b->n_cached && (b->n_cached - drop == BOX_CACHE || bytes > CACHE_MOST); drop++) {
        bytes -= bytes_of(b->cached_fd[drop]);
        close(b->cached_fd[drop]);
    }
    b->n_cached -= drop;
    memmove(b->cached, b->cached + drop, (size_t)b->n_cached * sizeof *b->cached);
    memmove(b->cached_fd, b->cached_fd + drop, (size_t)b->n_cached * sizeof *b->cached_fd);
    b->cached[b->n_cached] = key;
    b->cached_fd[b->n_cached++] = fd;
}

static int compiled(box_t *b, const language_t *l, const job_t *j, failed_t *why, int *ran)
{
    const int of[] = {j->limits.compile_cpu_ms, j->limits.compile_wall_ms, j->limits.compile_memory_kb};
    hash_t key = hash_more(hash_bytes(j->source, j->n_source), l->tool, strlen(l->tool));
    key = hash_more(key, of, sizeof of);
    int fd = -1;
    for (int i = 0; i < b->n_cached; i++)
        if (hash_equal(b->cached[i], key))
            return b->cached_fd[i];
    int answer = share_ask(b, SHARE_PROGRAM, key, 0, &fd, why);
    if (answer == SHARE_MAKE) {
        fd = compile(b, l, j, why);
        *ran = 1;
        share_made(b, SHARE_PROGRAM, key, fd, fd >= 0 ? NULL : why);
    }
    if (fd >= 0)
        remember(b, key, fd);
    return fd;
}

/* programs --------------------------------------------------------------------------- */

const char *built_open(box_t *b, built_t *p, const job_t *j, text_t *message, int *verdict, int *ran)
{
    language_t *l = toolchain(b, j->lang);
    failed_t why = {V_FAULT, "no toolchain", message};
    char memory[32], path[300];
    *p = (built_t){.source = j->source, .n_source = j->n_source, .exe = -1, .bundle = -1};
    *verdict = V_FAULT;
    if (!l->here) {
        text_addf(message, "language %s: %s", l->name, l->why);
        return "no toolchain";
    }
    int fd = l->compile ? compiled(b, l, j, &why, ran) : -1;
    if (l->compile && fd < 0) {
        *verdict = why.verdict;
        return why.subcode;
    }
    if (!l->compile)
        streams_source(b, "", NULL, 0);
    int fits = l->compile || compile_put(b, l->file, j->source, j->n_source);
    box_clean(b);
    if (!fits) {
        text_add(message, "the source does not fit into the scratch folder");
        *verdict = V_COMPILE_ERROR;
        return "compiler";
    }
    *(l->compile && is_single(l) ? &p->exe : &p->bundle) = fd;
    p->file = l->compile ? NULL : l->file;
    snprintf(memory, sizeof memory, "%d", (int)(j->limits.memory_kb / l->memory / 1024 + 0.5));
    line_split(&p->run, l->run, (const char *const[]){"source", l->file, "program", "./main",
                                                      "memory_mb", memory, NULL});
    toolchain_path(p->run.word[0], path, sizeof path);
    p->path = mem_text(path);
    toolchain_variables(l, &p->variables);
    p->run.word[0] = p->path;
    *verdict = V_ACCEPTED;
    return NULL;
}

int built_place(box_t *b, const built_t *p)
{
    return (p->bundle < 0 || unpack(b, p->bundle)) &&
           (!p->file || compile_put(b, p->file, p->source, p->n_source));
}

void built_close(built_t *p)
{
    mem_free(p->path);
    line_reset(&p->variables);
    line_reset(&p->run);
    *p = (built_t){.exe = -1, .bundle = -1};
}
