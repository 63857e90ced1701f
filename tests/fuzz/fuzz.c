/* Running a reader thousands of times a second in one process, although it ends the process when
   its input is bad.

   fail() does not return and nothing is released on its way, which is right for a batch program and
   would fill the memory of a fuzzer.  So the linker (--wrap, the list is in fuzz.mk) leads the
   calls of the readers through here:

       fail_at         formats its message, looks at it, and jumps back into fuzz_try; nothing is
       printed acquire/release memory (mem.c's posix_memalign, jansson's own), FILEs, descriptors,
       maps, PCRE2's objects: what
                       is acquired during an input is noted in a table and taken off when it is
                       released

   After a failure what stands in the table is released; after a success the table must be empty, so
   a leak is found at the input that makes it, not in the growth of hours.  A message must say
   something, and nothing of it may be a NULL pointer; CODE_DATA and CODE_USAGE are answers to bad
   input, any other code is a finding: CODE_FAULT is a broken assertion, CODE_FIT an allocation that
   the size of the input does not explain.

   The sources in src/ know nothing of this.  Files that readers open by name lie in a folder of
   /dev/shm: $FUZZ_FOLDER, which fuzz.sh makes and removes, or one that is removed at exit. */
#include "fuzz.h"
#include <fcntl.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <unistd.h>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

typedef enum { NOTHING, MEMORY, STREAM, DESCRIPTOR, MAP, RULE, FOUND, CONTEXT, STACK } kind_t;
typedef struct {
    uintptr_t key;
    kind_t kind;
    size_t size;
} held_t;

void (*fuzz_sweep)(void);
static held_t *table; /* open addressing; cap is a power of two */
static size_t held, cap;
static int noting; /* inside fuzz_try */
static jmp_buf back;

void __real_free(void *p);
int __real_posix_memalign(void **p, size_t align, size_t n);
FILE *__real_fopen(const char *path, const char *mode);
FILE *__real_fdopen(int fd, const char *mode);
int __real_fclose(FILE *f);
ssize_t __real___getdelim(char **line, size_t *room, int end, FILE *f); /* what getline is */
int __real_open(const char *path, int flags, ...), __real_close(int fd);
void *__real_mmap(void *at, size_t n, int prot, int flags, int fd, off_t from);
int __real_munmap(void *p, size_t n);
pcre2_code *__real_pcre2_compile_8(PCRE2_SPTR s, PCRE2_SIZE n, uint32_t o, int *code,
                                   PCRE2_SIZE *at, pcre2_compile_context *c);
void __real_pcre2_code_free_8(pcre2_code *p);
pcre2_match_data *__real_pcre2_match_data_create_8(uint32_t n, pcre2_general_context *g);
void __real_pcre2_match_data_free_8(pcre2_match_data *p);
pcre2_match_context *__real_pcre2_match_context_create_8(pcre2_general_context *g);
void __real_pcre2_match_context_free_8(pcre2_match_context *p);
pcre2_jit_stack *__real_pcre2_jit_stack_create_8(PCRE2_SIZE a, PCRE2_SIZE b,
                                                 pcre2_general_context *g);
void __real_pcre2_jit_stack_free_8(pcre2_jit_stack *p);

void fuzz_broken(const char *file, int line, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fprintf(stderr, "%s:%d: ", file, line);
    vfprintf(stderr, fmt, ap);
    fprintf(stderr, "\n");
    va_end(ap);
    abort();
}

static size_t place(uintptr_t key)
{
    size_t i = (key * 0x9E3779B97F4A7C15ull) >> 20 & (cap - 1);
    while (table[i].kind && table[i].key != key)
        i = (i + 1) & (cap - 1);
    return i;
}

static void note(uintptr_t key, kind_t kind, size_t size)
{
    if (!noting)
        return;
    if (2 * (held + 1) > cap) {
        held_t *old = table;
        size_t n = cap;
        cap = cap ? 2 * cap : 1024;
        table = calloc(cap, sizeof *table);
        for (size_t i = 0; i < n; i++)
            if (old[i].kind)
                table[place(old[i].key)] = old[i];
        __real_free(old);
    }
    table[place(key)] = (held_t){key, kind, size};
    held++;
}

static void forget(uintptr_t key)
{
    if (!noting || !held)
        return;
    size_t i = place(key);
    if (!table[i].kind)
        return;
    table[i].kind = NOTHING;
    held--;
    /* those behind move up */
    for (size_t k = (i + 1) & (cap - 1); table[k].kind; k = (k + 1) & (cap - 1)) {
        held_t e = table[k];
        table[k].kind = NOTHING;
        table[place(e.key)] = e;
    }
}

static void release(const held_t *e)
{
    void *p = (void *)e->key;
    switch (e->kind) {
    case NOTHING:
        break;
    case MEMORY:
        __real_free(p);
        break;
    case STREAM:
        __real_fclose(p);
        break;
    case DESCRIPTOR:
        __real_close((int)e->key - 1);
        break;
    case MAP:
        __real_munmap(p, e->size);
        break;
    case RULE:
        __real_pcre2_code_free_8(p);
        break;
    case FOUND:
        __real_pcre2_match_data_free_8(p);
        break;
    case CONTEXT:
        __real_pcre2_match_context_free_8(p);
        break;
    case STACK:
        __real_pcre2_jit_stack_free_8(p);
        break;
    }
}

static void *json_new(size_t n)
{
    void *p = malloc(n);
    note((uintptr_t)p, MEMORY, n);
    return p;
}

void __wrap_free(void *p);
int fuzz_try(void (*fn)(void *), void *arg)
{
    static int ready;
    if (!ready) {
        json_set_alloc_funcs(json_new, __wrap_free);
        json_object_seed(1); /* the same input, the same order */
        log_set_rank(1);     /* warnings are not for here */
        ready = 1;
    }
    noting = 1;
    int code = setjmp(back);
    if (code == 0)
        fn(arg);
    noting = 0;
    if (code && fuzz_sweep)
        fuzz_sweep();
    fuzz_want(code || !held, "%zu things are still held after a success", held);
    for (size_t i = 0; i < cap && held; i++)
        if (table[i].kind) {
            release(&table[i]);
            table[i].kind = NOTHING;
            held--;
        }
    return code;
}

/* Was a text printed that is not there?  By hand: libFuzzer would learn the word from strstr and
   use it. */
static int says_null(const char *s)
{
    for (; *s; s++)
        if (s[0] == '(' && s[1] == 'n' && s[2] == 'u' && s[3] == 'l' && s[4] == 'l' && s[5] == ')')
            return 1;
    return 0;
}

_Noreturn void __wrap_fail_at(const char *file, int line, int code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void __wrap_fail_at(const char *file, int line, int code, const char *fmt, ...)
{
    char message[4096];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(message, sizeof message, fmt, ap);
    va_end(ap);
    fuzz_want(noting, "a failure outside of fuzz_try: %s", message);
    fuzz_want(n > 0 && !says_null(message), "%s:%d says '%s'", file, line, message);
    fuzz_want(code == CODE_DATA || code == CODE_USAGE, "%s:%d fails with %d: %s", file, line, code,
              message);
    if (getenv("FUZZ_SAY"))
        fprintf(stderr, "%d: %s\n", code, message);
    longjmp(back, code);
}

/* acquire and release ---------------------------------------------------------------------- */

#define PAIR(type, name, args, call, free_name, kind) \
    type *__wrap_##name args;                         \
    void __wrap_##free_name(type *p);                 \
    type *__wrap_##name args                          \
    {                                                 \
        type *p = __real_##name call;                 \
        if (p)                                        \
            note((uintptr_t)p, kind, 0);              \
        return p;                                     \
    }                                                 \
    void __wrap_##free_name(type *p)                  \
    {                                                 \
        forget((uintptr_t)p);                         \
        __real_##free_name(p);                        \
    }
PAIR(pcre2_code, pcre2_compile_8,
     (PCRE2_SPTR s, PCRE2_SIZE n, uint32_t o, int *e, PCRE2_SIZE *at, pcre2_compile_context *c),
     (s, n, o, e, at, c), pcre2_code_free_8, RULE)
PAIR(pcre2_match_data, pcre2_match_data_create_8, (uint32_t n, pcre2_general_context *g), (n, g),
     pcre2_match_data_free_8, FOUND)
PAIR(pcre2_match_context, pcre2_match_context_create_8, (pcre2_general_context * g), (g),
     pcre2_match_context_free_8, CONTEXT)
PAIR(pcre2_jit_stack, pcre2_jit_stack_create_8,
     (PCRE2_SIZE a, PCRE2_SIZE b, pcre2_general_context *g), (a, b, g), pcre2_jit_stack_free_8,
     STACK)

int __wrap_posix_memalign(void **p, size_t align, size_t n);
int __wrap_posix_memalign(void **p, size_t align, size_t n)
{
    int bad = __real_posix_memalign(p, align, n);
    if (!bad)
        note((uintptr_t)*p, MEMORY, n);
    return bad;
}

void __wrap_free(void *p)
{
    forget((uintptr_t)p);
    __real_free(p);
}

FILE *__wrap_fopen(const char *path, const char *mode);
FILE *__wrap_fopen(const char *path, const char *mode)
{
    FILE *f = __real_fopen(path, mode);
    if (f)
        note((uintptr_t)f, STREAM, 0);
    return f;
}

FILE *__wrap_fdopen(int fd, const char *mode);
FILE *__wrap_fdopen(int fd, const char *mode)
{
    FILE *f = __real_fdopen(fd, mode);
    if (f) {
        forget((uintptr_t)fd + 1); /* it goes with the stream */
        note((uintptr_t)f, STREAM, 0);
    }
    return f;
}

int __wrap_fclose(FILE *f);
int __wrap_fclose(FILE *f)
{
    forget((uintptr_t)f);
    return __real_fclose(f);
}

ssize_t __wrap___getdelim(char **line, size_t *room, int end, FILE *f);
ssize_t __wrap___getdelim(char **line, size_t *room, int end, FILE *f)
{
    uintptr_t old = (uintptr_t)*line;
    ssize_t n = __real___getdelim(line, room, end, f);
    if ((uintptr_t)*line != old) {
        forget(old);
        note((uintptr_t)*line, MEMORY, *room);
    }
    return n;
}

int __wrap_open(const char *path, int flags, int mode);
int __wrap_open(const char *path, int flags, int mode)
{
    int fd = __real_open(path, flags, mode);
    if (fd >= 0)
        note((uintptr_t)fd + 1, DESCRIPTOR, 0);
    return fd;
}

int __wrap_close(int fd);
int __wrap_close(int fd)
{
    forget((uintptr_t)fd + 1);
    return __real_close(fd);
}

void *__wrap_mmap(void *at, size_t n, int prot, int flags, int fd, off_t from);
void *__wrap_mmap(void *at, size_t n, int prot, int flags, int fd, off_t from)
{
    void *p = __real_mmap(at, n, prot, flags, fd, from);
    if (p != MAP_FAILED)
        note((uintptr_t)p, MAP, n);
    return p;
}

int __wrap_munmap(void *p, size_t n);
int __wrap_munmap(void *p, size_t n)
{
    forget((uintptr_t)p);
    return __real_munmap(p, n);
}

/* files ---------------------------------------------------------------------------------------- */

static char folder[200];

static void remove_folder(void)
{
    char command[256];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    if (system(command))
        fprintf(stderr, "%s was not removed\n", folder);
}

const char *fuzz_folder(void)
{
    if (!*folder && getenv("FUZZ_FOLDER")) {
        snprintf(folder, sizeof folder, "%s", getenv("FUZZ_FOLDER"));
    } else if (!*folder) {
        strcpy(folder, "/dev/shm/aletheia-fuzz-XXXXXX");
        fuzz_want(mkdtemp(folder), "no folder in /dev/shm");
        atexit(remove_folder);
    }
    return folder;
}

const char *fuzz_file(const char *name, const void *data, size_t size)
{
    static char path[300];
    snprintf(path, sizeof path, "%s/%s", fuzz_folder(), name);
    int fd = __real_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    fuzz_want(fd >= 0 && write(fd, data, size) == (ssize_t)size, "%s cannot be written", path);
    __real_close(fd);
    return path;
}
