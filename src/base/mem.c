/* Counted allocation.

   Every block carries its size in a 64-byte header in front of it, so that what is held can be
   summed exactly (mem_live) and a test can demand that a program gives everything back.  64 bytes
   keep the caller's part aligned for vector loads.  The counter is atomic: OpenMP threads may
   allocate.  Blocks are zeroed at birth, so a forgotten initialisation is at least repeatable.
   Large blocks ask for huge pages, where the system gives them on request: pages of keys are read
   in no order, and their addresses alone would fill the TLB. */
#include "base.h"
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { HEAD = 64, HUGE = 1 << 21, LARGE = 2 * HUGE };
static atomic_size_t live;

static size_t *head_of(void *p)
{
    return (size_t *)((char *)p - HEAD);
}

void *mem_new(size_t bytes)
{
    void *h = NULL;
    size_t align = bytes >= LARGE ? HUGE : HEAD;
    if (bytes > SIZE_MAX / 2 || posix_memalign(&h, align, bytes + HEAD) != 0)
        fail(CODE_FIT, "out of memory: could not get %.1f MB more (%.1f MB held); "
             "lower the batch, width or model size", bytes / 1e6, mem_live() / 1e6);
    if (bytes >= LARGE)
        madvise(h, (bytes + HEAD) / HUGE * HUGE, MADV_HUGEPAGE);
    memset(h, 0, bytes + HEAD);
    *(size_t *)h = bytes;
    atomic_fetch_add(&live, bytes);
    return (char *)h + HEAD;
}

void *mem_grow(void *p, size_t bytes)
{
    if (!p)
        return mem_new(bytes);
    size_t old = *head_of(p);
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
    atomic_fetch_sub(&live, *head_of(p));
    free(head_of(p));
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
