/* Precompiled headers for C++, without anyone noticing.

   What is precompiled is exactly what stands on top of a source: its first lines of
   #include <...> (blank lines and whole-line comments between them, nothing else).  The
   compiler is then given those same lines from a precompiled header before the source;
   there they are met again and skipped by their guards.  So a program sees the headers
   that it asks for and no others, and one that begins with anything else (a macro, a
   pragma) is compiled plainly.  If the header does not suit, the compiler takes the
   text of it that lies beside it.

   Making one costs as much as three plain compilations and, with all of the standard
   library, 120 MB; so it is made when the same lines have been seen `precompile_after`
   times, by one launcher of a keeper, while the others go on plainly; SHELF_MOST of
   them.  The folder that holds it is reached by descriptor only, and by compilers as the
   folder in which they start, through a mount that is read-only: no program can forge
   one. */
#include "compile.h"
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { INCLUDES_MOST = 128 };

/* The next line that is not blank or a comment; NULL at the end. */
static const char *next(const char *s, const char *end, size_t *n)
{
    while (s < end) {
        while (s < end && (*s == ' ' || *s == '\t' || *s == '\r' || *s == '\n'))
            s++;
        const char *line = memchr(s, '\n', (size_t)(end - s));
        *n = (size_t)((line ? line : end) - s);
        if (*n >= 2 && s[0] == '/' && s[1] == '/') {
            if (s[*n - 1] == '\\' || (*n > 1 && s[*n - 2] == '\\'))
                return NULL; /* the comment goes on: too clever for here */
            s += *n;
        } else if (*n >= 2 && s[0] == '/' && s[1] == '*') {
            const char *close = memmem(s + 2, (size_t)(end - s) - 2, "*/", 2);
            if (!close)
                return NULL;
            s = close + 2;
        } else {
            return s < end ? s : NULL;
        }
    }
    return NULL;
}

int prefix_of(const char *s, size_t n, text_t *out)
{
    const char *end = s + n, *good = "abcdefghijklmnopqrstuvwxyz0123456789_+./";
    int count = 0;
    for (size_t len; (s = next(s, end, &len)) && count < INCLUDES_MOST; s += len) {
        char name[64], line[128];
        int used = 0;
        if (len >= sizeof line || memchr(s, 0, len))
            break;
        memcpy(line, s, len);
        line[len] = 0;
        if (sscanf(line, "# include <%63[^>]>%n", name, &used) != 1 || !used ||
            strspn(line + used, " \t\r") != len - (size_t)used ||
            strspn(name, good) != strlen(name) || name[0] == '/' || name[0] == '.' ||
            strstr(name, ".."))
            break;
        text_addf(out, "#include <%s>\n", name);
        count++;
    }
    return count;
}

static int is_made(box_t *b, const language_t *l, int folder, const text_t *lines)
{
    char path[300];
    line_t line;
    guest_t r;
    int to = openat(folder, "prefix.h", O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
    int good = to >= 0 && write(to, lines->s, lines->len) == (ssize_t)lines->len;
    if (to >= 0)
        close(to);
    line_split(&line, l->precompile, (const char *const[]){NULL});
    toolchain_path(line.word[0], path, sizeof path);
    line.word[0] = path;
    r = (guest_t){.argv = (const char *const *)line.word,
                  .exe = -1,
                  .in = "",
                  .folder = folder,
                  .limits = {.cpu_ms = 60000,
                             .wall_ms = 120000,
                             .memory_kb = 2 << 20,
                             .output_kb = 64,
                             .stderr_kb = 1024,
                             .stack_kb = 64 << 10,
                             .processes = 64,
                             .file_kb = 1 << 18}};
    if (good)
        run_go(b, &r);
    good = good && !r.fault && WIFEXITED(r.status) && WEXITSTATUS(r.status) == 0 &&
           fchmodat(folder, "prefix.h", 0444, 0) == 0 &&
           fchmodat(folder, "prefix.h.gch", 0444, 0) == 0;
    run_reset(&r);
    line_reset(&line);
    box_clean(b);
    if (!good) {
        unlinkat(folder, "prefix.h", 0);
        unlinkat(folder, "prefix.h.gch", 0);
    }
    return good;
}

/* Made on the writable side of the shelf, used from the other. */
static int make(box_t *b, const language_t *l, const text_t *lines)
{
    char name[32];
    snprintf(name, sizeof name, "%d", b->n_shelf++);
    if (mkdirat(b->shelf, name, 0755) < 0)
        return -1;
    int folder = openat(b->shelf, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd = -1;
    if (folder >= 0 && fchmod(folder, 0755) == 0 && is_made(b, l, folder, lines))
        fd = openat(b->shelf_used, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0)
        close(folder);
    return fd;
}

int prefix_folder(box_t *b, const language_t *l, const char *s, size_t n)
{
    text_t lines = {0}, words = {0};
    int fd = -1;
    if (b->shelf < 0 || !l->precompile || !l->precompile_after || !prefix_of(s, n, &lines)) {
        text_reset(&lines);
        return -1;
    }
    hash_t key = hash_more(hash_bytes(lines.s, lines.len), l->tool, strlen(l->tool));
    failed_t why = {V_FAULT, "", &words};
    if (share_ask(b, SHARE_PREFIX, key, l->precompile_after, &fd, &why) == SHARE_MAKE) {
        fd = make(b, l, &lines);
        share_made(b, SHARE_PREFIX, key, fd, fd >= 0 ? NULL : &why);
    }
    text_reset(&lines);
    text_reset(&words);
    return fd;
}
