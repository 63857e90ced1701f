/* Compiling a C program inside the sandbox, as an untrusted run of its own with the
   compile limits.

   The source is written to the scratch as main.c; `gcc -O2 -std=gnu17 -w [-static]
   main.c -lm` runs there under the same filter, root and bounds as any guest; the
   result is copied out of the scratch into the nameless folder of programs, from where
   it is executed by descriptor, so no guest ever sees another's program.  Programs are
   kept by the hash of (source, flags, tool-chain), the oldest of BOX_CACHE making room.
   Static linking where libc.a is there: 0.2 ms instead of 0.6 to start.

   Whatever a source does to the compiler (include bombs, endless output, a crash) ends
   in COMPILE_ERROR; only a launcher that cannot start the compiler is a FAULT. */
#include "box.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char flags[] = "-O2 -std=gnu17 -w";

static int write_source(box_t *b, const char *s, size_t n)
{
    int fd = openat(b->scratch, "main.c", O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
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

static int copy_program(box_t *b, const char *name)
{
    char part[1 << 16];
    struct stat s;
    ssize_t n = -1;
    int from = openat(b->scratch, "main", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (from < 0 || fstat(from, &s) < 0 || !S_ISREG(s.st_mode)) {
        if (from >= 0)
            close(from);
        return 0;
    }
    unlinkat(b->cache, name, 0);
    int to = openat(b->cache, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0700);
    while (to >= 0 && (n = read(from, part, sizeof part)) > 0)
        if (write(to, part, (size_t)n) != n)
            break;
    close(from);
    if (to >= 0)
        close(to);
    return n == 0;
}

static void run_compiler(box_t *b, const limits_t *l, guest_t *r)
{
    const char *argv[] = {
        b->compiler, "-O2",  "-std=gnu17", "-w",  "-fmax-errors=5",
        "-o",        "main", "main.c",     "-lm", b->is_static ? "-static" : NULL,
        NULL};
    *r = (guest_t){.argv = argv, .exe = -1, .in = "", .limits = *l};
    r->limits.cpu_ms = l->compile_cpu_ms;
    r->limits.wall_ms = l->compile_wall_ms;
    r->limits.memory_kb = l->compile_memory_kb;
    r->limits.file_kb = 32768;
    r->limits.output_kb = 64;
    r->limits.processes = 32;
    run_go(b, r);
}

void compile_probe(box_t *b)
{
    const char *const paths[] = {"/usr/bin/gcc", "/usr/local/bin/gcc", "/usr/bin/cc",
                                 "/bin/cc"};
    const char source[] = "int main(void) { return 0; }\n";
    limits_t l = {
        .compile_cpu_ms = 20000, .compile_wall_ms = 60000, .compile_memory_kb = 1 << 20};
    for (size_t i = 0; i < sizeof paths / sizeof *paths && !b->compiler[0]; i++)
        if (access(paths[i], X_OK) == 0)
            snprintf(b->compiler, sizeof b->compiler, "%s", paths[i]);
    for (b->is_static = 1; b->compiler[0] && b->is_static >= 0; b->is_static--) {
        guest_t r;
        int good = write_source(b, source, sizeof source - 1);
        run_compiler(b, &l, &r);
        good = good && !r.fault && WIFEXITED(r.status) && WEXITSTATUS(r.status) == 0;
        run_reset(&r);
        box_clean(b);
        if (good)
            break;
    }
    const char *argv[] = {b->compiler, "--version", NULL};
    text_t v = {0};
    if (b->compiler[0] && b->is_static >= 0 && run_bare(b, argv, &v) == 0 && v.len)
        snprintf(b->tool[LANG_C], sizeof *b->tool, "%.*s; %s%s", (int)strcspn(v.s, "\n"),
                 v.s, flags, b->is_static ? " -static" : "");
    text_reset(&v);
}

static int failure(const guest_t *r, text_t *message, const char **subcode, int *verdict)
{
    *verdict = r->fault ? V_FAULT : V_COMPILE_ERROR;
    *subcode = r->fault                      ? r->fault
               : r->over_memory              ? "compiler memory"
               : r->over_cpu || r->over_wall ? "compiler time"
                                             : "compiler";
    size_t n = r->err.len < 4000 ? r->err.len : 4000;
    text_addn(message, r->err.s ? r->err.s : "", n);
    return -1;
}

int compile_program(box_t *b, const job_t *j, text_t *message, const char **subcode,
                    int *verdict, int *ran)
{
    char name[32];
    if (!b->tool[LANG_C][0]) {
        *verdict = V_FAULT;
        *subcode = "no toolchain";
        text_add(
            message,
            "no C compiler works in the sandbox (looked for gcc and cc in /usr/bin)");
        return -1;
    }
    hash_t h = hash_more(hash_bytes(j->source, j->n_source), b->tool[LANG_C],
                         strlen(b->tool[LANG_C]));
    int n = b->n_cached < BOX_CACHE ? b->n_cached : BOX_CACHE, i = 0;
    while (i < n && !hash_equal(b->cached[i], h))
        i++;
    if (i == n) {
        i = b->n_cached % BOX_CACHE;
        snprintf(name, sizeof name, "%d", i);
        if (!write_source(b, j->source, j->n_source)) {
            *verdict = V_COMPILE_ERROR;
            *subcode = "compiler";
            text_add(message, "the source is larger than the scratch");
            box_clean(b);
            return -1;
        }
        guest_t r;
        run_compiler(b, &j->limits, &r);
        *ran = 1;
        int good = !r.fault && WIFEXITED(r.status) && WEXITSTATUS(r.status) == 0 &&
                   !r.over_cpu && !r.over_wall && !r.over_memory && !r.over_out &&
                   copy_program(b, name);
        if (!good)
            failure(&r, message, subcode, verdict);
        run_reset(&r);
        box_clean(b);
        if (!good)
            return -1;
        b->cached[i] = h;
        b->n_cached++;
    }
    snprintf(name, sizeof name, "%d", i);
    int fd = openat(b->cache, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        *verdict = V_FAULT;
        *subcode = "start";
        box_fail(b, "opening a compiled program");
        text_add(message, b->why);
    }
    return fd;
}
