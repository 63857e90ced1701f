/* Counted allocation.

   Every block carries its size in a 64-byte header in front of it, so that what is held can be
   summed exactly (mem_live) and a test can demand that a program gives everything back.  64 bytes
   keep the caller's part aligned for vector loads.  The counter is atomic: OpenMP threads may
   allocate.  Blocks are zeroed at birth, so a forgotten initialisation is at least repeatable.
   Large blocks come as fresh pages, zeros too, that are touched first by the thread that uses them;
   and they ask for huge pages, where the system gives them on request: pages of keys are read in no
   order, and their addresses alone would fill the TLB. */
#include "base.h"
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { HEAD = 64, HUGE = 1 << 21, LARGE = 3 * (HUGE / 4) };
#ifdef __SANITIZE_ADDRESS__
enum { WATCHED = 1 }; /* the sanitizer's own malloc, with red zones */
#else
enum { WATCHED = 0 };
#endif
static atomic_size_t live;

typedef struct {
    size_t bytes, mapped;
    void *map;
} head_t; /* mapped 0: from malloc */

static head_t *head_of(void *p)
{
    return (head_t *)((char *)p - HEAD);
}

static _Noreturn void none_left(size_t bytes)
{
    fail(CODE_FIT,
         "out of memory: could not get %.1f MB more (%.1f MB held); "
         "lower the batch, width or model size",
         bytes / 1e6, mem_live() / 1e6);
}

/* The caller's part begins on a multiple of HUGE; the header lies on a page of its own before it,
   so that writing it does not make the first huge page: that is left to the thread that uses it. */
static head_t *map_new(size_t bytes)
{
    size_t whole = bytes / HUGE * HUGE, all = (bytes + HUGE - 1) / HUGE * HUGE, length = all + HUGE;
    char *map = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED)
        none_left(bytes);
    char *part = (char *)(((uintptr_t)map + HUGE) / HUGE * HUGE);
    /* the last page too where little of it is wasted */
    madvise(part, all - bytes <= bytes / 3 ? all : whole, MADV_HUGEPAGE);
    head_t *h = (head_t *)(part - HEAD);
    h->mapped = length;
    h->map = map;
    return h;
}

static head_t *malloc_new(size_t bytes)
{
    void *h = NULL;
    if (posix_memalign(&h, HEAD, bytes + HEAD))
        none_left(bytes);
    return memset(h, 0, bytes + HEAD);
}

void *mem_new(size_t bytes)
{
    if (bytes > SIZE_MAX / 2)
        none_left(bytes);
    head_t *h = bytes >= LARGE && !WATCHED ? map_new(bytes) : malloc_new(bytes);
    h->bytes = bytes;
    atomic_fetch_add(&live, bytes);
    return (char *)h + HEAD;
}

void *mem_grow(void *p, size_t bytes)
{
    if (!p)
        return mem_new(bytes);
    size_t old = head_of(p)->bytes;
    if (bytes <= old)
        return p;
    void *q = mem_new(bytes);
    memcpy(q, p, old);
    mem_free(p);
    return q;
}

void mem_free(void *p)
{
    if (!p)
        return;
    head_t *h = head_of(p);
    atomic_fetch_sub(&live, h->bytes);
    if (h->mapped)
        munmap(h->map, h->mapped);
    else
        free(h);
}

char *mem_text(const char *text)
{
    size_t n = strlen(text) + 1;
    return memcpy(mem_new(n), text, n);
}

size_t mem_live(void)
{
    return atomic_load(&live);
}

/* A field of a /proc file in kB, as bytes. */
static size_t proc_kb(const char *path, const char *field)
{
    FILE *f = fopen(path, "r");
    char line[256];
    size_t kb = 0;
    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, field, strlen(field)) == 0) {
            kb = strtoull(line + strlen(field), NULL, 10);
            break;
        }
    if (f)
        fclose(f);
    return kb * 1024;
}

size_t mem_peak_rss(void)
{
    return proc_kb("/proc/self/status", "VmHWM:");
}

size_t mem_available(void)
{
    return proc_kb("/proc/meminfo", "MemAvailable:");
}
