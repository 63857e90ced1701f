/* The factors of a product that are not weights, in the form in which the kernels read them.

   Where weights are of float32 a factor is read in place.  Where they are of bfloat16 it is rounded
   to bfloat16 first, once, into units of two numbers that are neighbours in the summed index
   (vec.h); every product reads it many times.

     rows       a[m][n], sum over n      units [m][n/2]               what forward and dx multiply;
     of swiglu too, made on the way across     a[m][n], sum over m      units [m/2][n]
     both factors of dw turned     a[m][n], sum over m      units [n][m/2]               and for
     amx.c what it takes for rows panels     a[m][n], sum over m      panels of NR columns
     and for columns, as pack.c has weights

   Rows are UNIT float32 a unit: where the processor does not multiply pairs (vec.h), each number by
   itself, so that a product need not take them apart.
   For amx.c rows come in tiles of 16 x 16 units.
   Rows of units are padded with zeros to whole vectors, for amx.c to AMX_SIDE units.  A tile is one
   kilobyte of memory, and those of the same rows follow each other, which is the order in which a
   product wants them. Cost: memory, one pass: 4 bytes read and 2 written for an element. */
#include "backend/cpu/cpu.h"
#include "backend/cpu/vec.h"
#include <sys/mman.h>

#define FEW (1 << 15) /* elements below which one thread is faster than waking others */

int64_t units_per(dtype_t type)
{
    return type == BF16 ? 2 : 1;
}

/* Stride of rows of so many units: lines of the cache, but no multiple of 2 kB. */
static int64_t unit_stride(int64_t units)
{
    int64_t ld = ROUND_UP(units, 16);
    return ld % 512 ? ld : ld + 16;
}

size_t cpu_product_bytes(int64_t m, int64_t wide)
{
    (void)m, (void)wide;
    return 0;
}

size_t cpu_product_bytes_bf16(int64_t m, int64_t wide)
{
    int64_t rows = m * unit_stride(UNIT * ((wide + 1) / 2)),
            columns = wide * ROUND_UP((m + 1) / 2, AMX_SIDE);
    return (size_t)(rows > columns ? rows : columns) * 4;
}

/* Scratch for units of the two factors of a product: grows to the largest product of the process
   and stays, so that no step pays for fresh pages.  Operations are called from one thread. */
static float *room(int which, size_t bytes)
{
    static struct {
        float *p;
        size_t bytes;
    } kept[2];
    if (bytes > kept[which].bytes) {
        if (kept[which].p)
            munmap(kept[which].p, kept[which].bytes);
        bytes = ROUND_UP(bytes, (size_t)1 << 21);
        float *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (p == MAP_FAILED)
            fail(CODE_FIT, "out of memory: could not get %.1f MB more for products",
                 (double)bytes / 1e6);
        madvise(p, bytes, MADV_HUGEPAGE);
        kept[which].p = p;
        kept[which].bytes = bytes;
    }
    return kept[which].p;
}

/* Where unit u of row r is among tiles of SIDE x SIDE units, those of SIDE rows one behind the
   other. */
INLINE int64_t in_tiles(int64_t units, int64_t r, int64_t u)
{
    return (r / AMX_SIDE * units + u / AMX_SIDE * AMX_SIDE + r % AMX_SIDE) * AMX_SIDE +
           u % AMX_SIDE;
}

/* Units along a's rows, or along those of silu(a) up: in rows, or in tiles for amx.c. */
INLINE factor_t along(const float *a, const float *up, int64_t lda, int64_t m, int64_t n)
{
    int tiles = amx_here();
    int64_t units = ROUND_UP((n + 1) / 2, LANES), ld = tiles ? units : unit_stride(units * UNIT);
    float *to = room(0, (size_t)(ROUND_UP(m, AMX_SIDE) * ld) * 4);
#pragma omp parallel for schedule(static) if (m * n > (up ? FEW / 2 : FEW))
    for (int64_t r = 0; r < m; r++)
        for (int64_t i = 0; i < 2 * units; i += 2 * VL) {
            const float *p = a + r * lda + i;
            vf x = vec_load_some(p, n - i), y = vec_load_some(p + VL, n - i - VL);
            if (up) {
                x = vec_swiglu(x, vec_load_some(up + r * lda + i, n - i));
                y = vec_swiglu(y, vec_load_some(up + r * lda + i + VL, n - i - VL));
            }
            vec_units(to + (tiles ? in_tiles(ld, r, i / 2) : r * ld + i / 2 * UNIT), x, y);
        }
    return (factor_t){to, ld};
}

factor_t factor_rows(const float *a, int64_t lda, int64_t m, int64_t n, dtype_t type)
{
    return type == F32 ? (factor_t){a, lda} : along(a, NULL, lda, m, n);
}

factor_t factor_swiglu(const float *gu, float *work, int64_t m, int64_t f, dtype_t type)
{
    if (type == BF16)
        return along(gu, gu + f, 2 * f, m, f);
    cpu_swiglu((buf_t){work}, (buf_t){(float *)(uintptr_t)gu}, m, f);
    return (factor_t){work, f};
}

/* Units of rows r and r + 1, VL columns from i on. */
INLINE vf both_rows(const float *a, int64_t lda, int64_t m, int64_t n, int64_t r, int64_t i)
{
    return vec_pair(r < m ? vec_load_some(a + r * lda + i, n - i) : (vf){0},
                    r + 1 < m ? vec_load_some(a + (r + 1) * lda + i, n - i) : (vf){0});
}

factor_t factor_across(const float *a, int64_t lda, int64_t m, int64_t n, dtype_t type, int which)
{
    if (type == F32)
        return (factor_t){a, lda};
    int64_t ld = unit_stride(n);
    float *to = room(which, (size_t)((m + 1) / 2 * ld) * 4);
#pragma omp parallel for schedule(static) if (m * n > FEW)
    for (int64_t r = 0; r < m; r += 2)
        for (int64_t i = 0; i < n; i += VL)
            vec_store_n(to + r / 2 * ld + i, both_rows(a, lda, m, n, r, i), n - i);
    return (factor_t){to, ld};
}

/* 2 VL rows x VL columns at a time, transposed in registers; a few of these side by side, for whole
   lines of a. */
factor_t factor_turned(const float *a, int64_t lda, int64_t m, int64_t n)
{
    int64_t units = ROUND_UP((m + 1) / 2, AMX_SIDE), side = 4 * VL;
    float *to = room(0, (size_t)(ROUND_UP(n, AMX_SIDE) * units) * 4);
#pragma omp parallel for schedule(static) if (m * n > FEW)
    for (int64_t j = 0; j < n; j += side)
        for (int64_t u = 0; u < units; u += VL)
            for (int64_t i = j; i < j + side && i < n; i += VL) {
                vf x[VL];
#pragma GCC unroll 16
                for (int l = 0; l < VL; l++)
                    x[l] = both_rows(a, lda, m, n, 2 * (u + l), i);
                vec_transpose(x);
                for (int l = 0; l < VL && i + l < n; l++)
                    vec_store(to + in_tiles(units, i + l, u), x[l]);
            }
    return (factor_t){to, units};
}

factor_t factor_panels(const float *a, int64_t lda, int64_t m, int64_t n)
{
    int64_t units = ROUND_UP((m + 1) / 2, AMX_SIDE), side = 4 * NR;
    float *to = room(1, (size_t)(ROUND_UP(n, NR) * units) * 4);
#pragma omp parallel for schedule(static) if (m * n > FEW)
    for (int64_t j = 0; j < n; j += side)
        for (int64_t u = 0; u < units; u++)
            for (int64_t i = j; i < j + side && i < ROUND_UP(n, NR); i += VL)
                vec_store(to + (i / NR * units + u) * NR + i % NR,
                          both_rows(a, lda, m, n, 2 * u, i));
    return (factor_t){to, units * NR};
}
