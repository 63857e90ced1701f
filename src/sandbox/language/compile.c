/* From a source to something that can be run, inside the sandbox, as an untrusted run of
   its own with the compile limits.

   The source is written to the scratch under the name that its language wants; the line
   of the table of languages runs there under the same filter, root and bounds as any
   guest.  What is to be kept of its result is copied out of the scratch into the
   nameless folder of programs, where it loses its name at once: only descriptors lead to
   it.  A single `main` is executed from its descriptor, so that no guest ever sees
   another's program; several files (Java's classes) become one bundle, unpacked into
   the scratch before every run (bundle.c).  The same goes for the source of a language
   that is not compiled at all.

   With a harness, that is the main file, and the program lies beside it as
   solution.EXTENSION: C and C++ include it, Rust includes it or has it as a module, of
   Java both files are compiled (the program's under the name of its public class), and
   languages that are not compiled import it.  Python's: ready.c.  testlib.h lies
   beside checkers that want it.  What the table says of starting a checker (checker_file) is
   compiled along, or lies in the folder of its runs.

   While a compiler runs the scratch is larger than for guests, by three files of
   compile_file_kb: an assembler's text, an object, the program.

   Programs are kept by the hash of (source, harness, flags, tool-chain, compile limits),
   the oldest of BOX_CACHE making room; beyond that the launchers of a keeper share them
   (share.c): identical sources are compiled once, and a failure is remembered too.

   Whatever a source does to the compiler (include bombs, endless output, a crash) ends
   in COMPILE_ERROR, with words: the compiler's, and which limit stopped it and what its key is;
   only a launcher that cannot start the compiler is a FAULT. */
#include "compile.h"
#include "sandbox/process.h"
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CACHE_MOST = 128 << 20, COMPILERS_KB = 64, FILES = 4 };

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

static int64_t room_kb(const box_t *b, const limits_t *l)
{
    return (int64_t)b->pristine.f_blocks * b->pristine.f_bsize / 1024 + 3LL * l->compile_file_kb;
}

void compile_run(box_t *b, const language_t *l, const limits_t *given, int prefix,
                 const char *const *file, guest_t *r)
{
    char source[600], program[300], path[300], also[FILES][600];
    line_t line, more = {0};
    const char *argv[2 * LINE_WORDS + FILES + 3];
    int n = 0;
    snprintf(source, sizeof source, "%s/%s", b->scratch_path, file[0]);
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
    for (int i = 1; file[i]; i++) {
        snprintf(also[i], sizeof also[i], "%s/%s", b->scratch_path, file[i]);
        argv[n++] = also[i];
    }
    argv[n] = NULL;
    line_t variables;
    toolchain_variables(l, &variables);
    *r = (guest_t){.argv = argv,
                   .exe = -1,
                   .in = "",
                   .limits = limits_compiling(*given),
                   .variables = &variables};
    r->folder = prefix >= 0 ? prefix : 0;
    r->limits.file_kb = given->compile_file_kb;
    r->limits.scratch_kb =
        given->scratch_kb +
        3 * (given->compile_file_kb < (1 << 28) ? given->compile_file_kb : 1 << 28);
    r->limits.output_kb = COMPILERS_KB;
    r->limits.processes = 64;
    run_go(b, r);
    r->argv = NULL;
    r->variables = NULL;
    line_reset(&variables);
    line_reset(&line);
    line_reset(&more);
}

/* compiling -------------------------------------------------------------------------- */

static int is_good(const guest_t *r)
{
    return !r->fault && WIFEXITED(r->status) && WEXITSTATUS(r->status) == 0 && !r->over_cpu &&
           !r->over_wall && !r->over_memory && !r->over_out && !r->over_err;
}

/* The names of what is compiled: the main file, then those that have to stand in the line, NULL;
   solution: the program's beside a harness. */
typedef struct {
    char main[NAME_MAX + 1], solution[NAME_MAX + 1];
    const char *file[FILES];
} names_t;

static void name_files(names_t *f, const language_t *l, const compiling_t *c)
{
    const char *ending = strrchr(l->file, '.');
    const int class = language_wants_class(l);
    int n = 1;
    java_source_t types;
    snprintf(f->main, sizeof f->main, "%s", l->file);
    snprintf(f->solution, sizeof f->solution, "solution%s", ending ? ending : "");
    if (class) {
        java_source(c->harness ? c->harness : c->source, c->harness ? c->n_harness : c->n_source,
                    &types);
        java_file(&types, f->main, sizeof f->main);
    }
    if (class && c->harness) {
        java_source(c->source, c->n_source, &types);
        java_file(&types, f->solution, sizeof f->solution);
        f->file[n++] = f->solution;
    }
    f->file[0] = f->main;
    if (c->start)
        f->file[n++] = c->start;
    f->file[n] = NULL;
}

static int put_files(box_t *b, const language_t *l, const names_t *f, const compiling_t *c,
                     text_t *why)
{
    if (c->harness && !strcmp(f->main, f->solution)) {
        text_addf(why, "the harness and the program are both called %s", f->main);
        return 0;
    }
    int good = compile_put(b, f->main, c->harness ? c->harness : c->source,
                           c->harness ? c->n_harness : c->n_source) &&
               (!c->harness || compile_put(b, f->solution, c->source, c->n_source)) &&
               (!c->testlib || compile_put(b, "testlib.h", c->testlib, c->n_testlib)) &&
               (!c->start || compile_put(b, c->start, l->checker_text, strlen(l->checker_text)));
    if (!good)
        text_add(why, "the source does not fit into the scratch folder: [sandbox] scratch_kb");
    return good;
}

/* The scratch is emptied, and of the size that guests have. */
static void leave(box_t *b)
{
    box_empty(b);
    for (int i = 0; i < 100 && !root_resize(b, room_kb(b, &(limits_t){0})); i++) {
        process_let_go(); /* a file in flight */
        usleep(1000);
    }
    box_clean(b);
}

static int compile(box_t *b, const language_t *l, const limits_t *given, compiling_t *c,
                   failed_t *why)
{
    guest_t r;
    names_t names;
    text_t kept = {0};
    int fd = -1, prefix = c->harness ? prefix_folder(b, l, c->harness, c->n_harness)
                                     : prefix_folder(b, l, c->source, c->n_source);
    name_files(&names, l, c);
    c->why = &kept;
    streams_source(b, "", NULL, 0);
    for (int plainly = prefix < 0; plainly < 2; plainly++) {
        root_resize(b, room_kb(b, given));
        if (!put_files(b, l, &names, c, why->message)) {
            leave(b);
            *why = (failed_t){V_COMPILE_ERROR, "compiler", why->message};
            break;
        }
        compile_run(b, l, given, plainly ? -1 : prefix, names.file, &r);
        text_clear(&kept);
        fd = is_good(&r) ? bundle_keep(b, l, c) : NOTHING_LEFT;
        int ours = fd == NOTHING_LEFT && !plainly && r.err.s && strstr(r.err.s, "prefix.h");
        if (fd < 0 && !ours)
            compile_failure(&r, &kept, why);
        if (fd == OUR_FAILURE && !ours) {
            *why = (failed_t){V_FAULT, "launcher", why->message};
            text_add(why->message, "a compiled program could not be kept");
            b->tainted = 1;
        }
        run_reset(&r);
        leave(b);
        if (!ours)
            break;
    }
    text_reset(&kept);
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

static hash_t key_of(const language_t *l, const limits_t *g, const compiling_t *c)
{
    const int of[] = {g->compile_cpu_ms,  g->compile_wall_ms, g->compile_memory_kb,
                      g->compile_file_kb, c->harness != NULL, c->testlib != NULL,
                      c->start != NULL};
    hash_t key = hash_more(hash_bytes(c->source, c->n_source), l->tool, strlen(l->tool));
    key = hash_more(key, of, sizeof of);
    if (c->harness)
        key = hash_more(key, c->harness, c->n_harness);
    return c->testlib ? hash_more(key, c->testlib, c->n_testlib) : key;
}

static int compiled(box_t *b, const language_t *l, const limits_t *given, compiling_t *c,
                    failed_t *why, int *ran)
{
    hash_t key = key_of(l, given, c);
    int fd = -1;
    for (int i = 0; i < b->n_cached; i++)
        if (hash_equal(b->cached[i], key))
            return b->cached_fd[i];
    int answer = share_ask(b, SHARE_PROGRAM, key, 0, &fd, why);
    if (answer == SHARE_MAKE) {
        fd = compile(b, l, given, c, why);
        *ran = 1;
        share_made(b, SHARE_PROGRAM, key, fd, fd >= 0 ? NULL : why);
    }
    if (fd >= 0)
        remember(b, key, fd);
    return fd;
}

/* programs --------------------------------------------------------------------------- */

/* The line of its runs, filled in. */
static void line_of_runs(built_t *p, const language_t *l, const limits_t *given, int checker)
{
    char memory[32], path[300];
    text_t class = {0};
    if (p->bundle >= 0)
        bundle_class(p->bundle, &class);
    snprintf(memory, sizeof memory, "%d", (int)(given->memory_kb / l->memory / 1024 + 0.5));
    line_split(&p->run, checker && l->checker_run ? l->checker_run : l->run,
               (const char *const[]){"source", l->file, "program", "./main", "memory_mb", memory,
                                     "class", class.s ? class.s : "", NULL});
    toolchain_path(p->run.word[0], path, sizeof path);
    p->path = mem_text(path);
    toolchain_variables(l, &p->variables);
    p->run.word[0] = p->path;
    text_reset(&class);
}

const char *built_open(box_t *b, built_t *p, const job_t *j, int checker, text_t *message,
                       int *verdict, int *ran)
{
    language_t *l = toolchain(b, j->lang);
    failed_t why = {V_FAULT, "no toolchain", message};
    compiling_t c = {.source = j->source,
                     .n_source = j->n_source,
                     .harness = j->harness,
                     .n_harness = j->n_harness,
                     .testlib = j->testlib,
                     .n_testlib = j->n_testlib,
                     .start = checker ? l->checker_file : NULL};
    names_t names;
    *p = (built_t){.exe = -1, .bundle = -1};
    *verdict = V_FAULT;
    if (!l->here) {
        text_addf(message, "language %s: %s", l->name, l->why);
        return "no toolchain";
    }
    int fd = l->compile ? compiled(b, l, &j->limits, &c, &why, ran) : -1;
    if (l->compile && fd < 0) {
        *verdict = why.verdict;
        return why.subcode;
    }
    if (!l->compile)
        streams_source(b, "", NULL, 0);
    name_files(&names, l, &c);
    int fits = l->compile || put_files(b, l, &names, &c, message);
    box_clean(b);
    if (!fits) {
        *verdict = V_COMPILE_ERROR;
        return "compiler";
    }
    *(l->compile && bundle_is_single(l) ? &p->exe : &p->bundle) = fd;
    if (!l->compile) {
        p->file[p->n_file++] =
            (built_file_t){mem_text(names.main), c.harness ? c.harness : c.source,
                           c.harness ? c.n_harness : c.n_source};
        if (c.harness)
            p->file[p->n_file++] = (built_file_t){mem_text(names.solution), c.source, c.n_source};
        if (c.start)
            p->file[p->n_file++] =
                (built_file_t){mem_text(c.start), l->checker_text, strlen(l->checker_text)};
    }
    line_of_runs(p, l, &j->limits, checker);
    *verdict = V_ACCEPTED;
    return NULL;
}

int built_place(box_t *b, const built_t *p)
{
    int good = p->bundle < 0 || bundle_place(b, p->bundle);
    for (int i = 0; good && i < p->n_file; i++)
        good = compile_put(b, p->file[i].name, p->file[i].s, p->file[i].n);
    return good;
}

void built_close(built_t *p)
{
    mem_free(p->path);
    for (int i = 0; i < p->n_file; i++)
        mem_free(p->file[i].name);
    line_reset(&p->variables);
    line_reset(&p->run);
    *p = (built_t){.exe = -1, .bundle = -1};
}
