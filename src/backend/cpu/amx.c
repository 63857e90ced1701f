/* The products of kernel.c on a processor's matrix unit (Intel AMX), for factors of bfloat16.

   The unit holds eight tiles of 16 rows x 64 bytes; one instruction multiplies a tile of 16 x 16
   units of a (two bfloat16 each, neighbours in k) by one of 16 x 16 units of b and adds to 16 x 16
   sums: 16,384 flops in 16 cycles, sixteen times the rate of two vector units.  a comes in tiles
   (factor.c), b in panels of NR = 32 columns as in kernel.c.

     c00 c01     four tiles add up while k runs; a step loads two tiles of a and two of b for four
     products, c10 c11     4 kB in the 64 cycles that these take: b's panel is to lie in the first
     cache, a's rows in the second

   Bits.  What a product adds to an element depends on its row of a and its column of b alone, and
   sums run in steps of
   16 units from the beginning of k: rows alone, in any number or order, get the same bits, as in
   kernel.c.  They are other bits than kernel.c's: the unit sums even and odd products of a step
   apart and adds them, and takes numbers below 2^-126 for 0.  So a process uses one or the other
   for all products of bfloat16: amx_here.

   A row of a tile that lies across two lines of the cache costs six times as much: all that tiles
   are loaded from begins on a line.

   The kernel grants the unit's 8 kB of registers to a process that asks (Linux 5.16, arch_prctl).
   A tile's shape is set for the block at work: partial blocks read and write what is there, nothing
   is copied aside. */
#include "backend/cpu/cpu.h"
#include "backend/cpu/vec.h"

#if defined __AMX_BF16__ && UNIT == 1
#include <sys/syscall.h>
#include <unistd.h>

#define ARCH_REQ_XCOMP_PERM 0x1023
#define XTILEDATA           18
#define SIDE                AMX_SIDE
/* units that weights are sent for before when rows are few: they come from memory */
#define AHEAD 64

static int refused;

void amx_allow(int allowed)
{
    refused = !allowed;
}

int amx_here(void)
{
    static int known; /* 1: yes, 2: no */
    if (!known)
        known = syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XTILEDATA) ? 2 : 1;
    return known == 1 && !refused;
}

/* The compiler does not know what tile instructions read: before one, all stores are to be done. */
#define MEMORY __asm__ volatile("" ::: "memory")

typedef struct {
    uint8_t palette, start, zero[14];
    uint16_t colsb[16];
    uint8_t rows[16];
} tiles_t;

/* Tiles 0..3: c; 4, 5: two tiles of a, one below the other; 6, 7: two of b, side by side.  Setting
   a shape takes as long as a dozen products, so a thread keeps the last one. */
static _Thread_local struct {
    int rows, cols, units;
} now;

static void shape(int rows, int cols, int units)
{
    if (now.rows == rows && now.cols == cols && now.units == units)
        return;
    tiles_t t = {.palette = 1};
    int below = rows - SIDE, right = cols - SIDE;
    int r[2] = {rows < SIDE ? rows : SIDE, below > 0 ? below : 1},
        c[2] = {cols < SIDE ? cols : SIDE, right > 0 ? right : 1};
    for (int i = 0; i < 4; i++)
        t.rows[i] = (uint8_t)r[i / 2], t.colsb[i] = (uint16_t)(4 * c[i % 2]);
    for (int i = 0; i < 2; i++) {
        t.rows[4 + i] = (uint8_t)r[i], t.colsb[4 + i] = (uint16_t)(4 * units);
        t.rows[6 + i] = (uint8_t)units, t.colsb[6 + i] = (uint16_t)(4 * c[i]);
    }
    MEMORY;
    _tile_loadconfig(&t);
    now.rows = rows, now.cols = cols, now.units = units;
}

void amx_release(void)
{
    if (now.rows)
        _tile_release();
    now.rows = 0;
}

/* What is sent for while a block is at work: lines of b, so many a step, into the second cache; and
   where the next block of c is.  A step computes for 64 cycles and more, in which memory delivers a
   few lines. */
typedef struct {
    const float *b;
    int64_t lines;
    float *c;
} ahead_t;

/* One block of c: `below`, `right`: whether it has more than SIDE rows, columns. */
INLINE void block(float *c, int64_t ldc, const float *a, int64_t lda, int64_t unit, const float *b,
                  int64_t k, int add, ahead_t next, const int below, const int right)
{
    int64_t row = ldc * 4, side = 4 * (unit == 1 ? lda : SIDE);
    const float *a1 = a + SIDE * lda;
    float *c1 = c + SIDE * ldc;
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    if (add) {
        _tile_loadd(0, c, row);
        if (right)
            _tile_loadd(1, c + SIDE, row);
        if (below)
            _tile_loadd(2, c1, row);
        if (below && right)
            _tile_loadd(3, c1 + SIDE, row);
    }
    for (int64_t l = 0, line = 0; l < k; l += SIDE, line += 2) {
        _tile_loadd(6, b + l * NR, 4 * NR);
        _tile_loadd(4, a + l * unit, side);
        if (right)
            _tile_loadd(7, b + l * NR + SIDE, 4 * NR);
        _tile_dpbf16ps(0, 4, 6);
        if (below)
            _tile_loadd(5, a1 + l * unit, side);
        for (int64_t i = 0; i < next.lines; i++, next.b += 16)
            __builtin_prefetch(next.b, 0, 2);
        for (int64_t i = line; below && i < line + 2 && i < 2 * SIDE; i++) {
            __builtin_prefetch(next.c + i * ldc, 1);
            __builtin_prefetch(next.c + i * ldc + SIDE, 1);
        }
        if (right)
            _tile_dpbf16ps(1, 4, 7);
        if (below)
            _tile_dpbf16ps(2, 5, 6);
        if (below && right)
            _tile_dpbf16ps(3, 5, 7);
    }
    _tile_stored(0, c, row);
    if (right)
        _tile_stored(1, c + SIDE, row);
    if (below)
        _tile_stored(2, c1, row);
    if (below && right)
        _tile_stored(3, c1 + SIDE, row);
}

typedef struct { /* amx_product's arguments */
    float *c;
    const float *a, *b;
    int64_t ldc, lda, unit, pb, k;
    int add, ahead;
} call_t;

/* Rows [i0, i0+m) x columns [j0, j0+n) in blocks of one shape, so that the shape is set once: panel
   by panel, for a panel is read again for every block of rows.  Meanwhile the next panel is sent
   for; where there is one block of rows only (decoding), what is AHEAD in this one. */
static void blocks(const call_t *p, int64_t i0, int64_t m, int64_t j0, int64_t n, int rows,
                   int cols)
{
    if (m <= 0 || n <= 0)
        return;
    shape(rows, cols, p->k < SIDE ? (int)p->k : SIDE);
    int64_t count = (m + 2 * SIDE - 1) / (2 * SIDE),
            lines = p->ahead ? (2 * SIDE + count - 1) / count : 0;
    for (int64_t j = j0; j < j0 + n; j += NR)
        for (int64_t i = i0; i < i0 + m; i += 2 * SIDE) {
            float *c = p->c + i * p->ldc + j;
            const float *a = p->a + i * p->lda, *b = p->b + j / NR * p->pb;
            ahead_t next = {count == 1
                                ? b + AHEAD * NR
                                : b + p->pb + (i - i0) / (2 * SIDE) * lines * (p->k / SIDE) * 16,
                            lines,
                            i + 2 * SIDE < i0 + m ? c + 2 * SIDE * p->ldc
                                                  : p->c + i0 * p->ldc + j + NR};
            if (rows > SIDE && cols > SIDE)
                block(c, p->ldc, a, p->lda, p->unit, b, p->k, p->add, next, 1, 1);
            else if (rows > SIDE)
                block(c, p->ldc, a, p->lda, p->unit, b, p->k, p->add, next, 1, 0);
            else if (cols > SIDE)
                block(c, p->ldc, a, p->lda, p->unit, b, p->k, p->add, next, 0, 1);
            else
                block(c, p->ldc, a, p->lda, p->unit, b, p->k, p->add, next, 0, 0);
        }
}

void amx_product(float *c, int64_t ldc, const float *a, int64_t lda, int64_t unit, const float *b,
                 int64_t pb, int64_t m, int64_t n, int64_t k, int add, int ahead)
{
    int64_t mr = m % (2 * SIDE), nr = n % NR, mf = m - mr, nf = n - nr;
    call_t p = {c, a, b, ldc, lda, unit, pb, k, add, ahead};
    ASSERT(k % SIDE == 0 || k < SIDE);
    MEMORY;
    blocks(&p, 0, mf, 0, nf, 2 * SIDE, NR);
    blocks(&p, 0, mf, nf, nr, 2 * SIDE, (int)nr);
    blocks(&p, mf, mr, 0, nf, (int)mr, NR);
    blocks(&p, mf, mr, nf, nr, (int)mr, (int)nr);
}

/* n rounds of four products whose factors come from the first cache. */
void amx_rounds(int64_t n)
{
    LINES static const float zeros[4 * SIDE * SIDE];
    shape(2 * SIDE, NR, SIDE);
    for (int64_t i = 0; i < n; i++) {
        _tile_loadd(4, zeros, 4 * SIDE);
        _tile_loadd(5, zeros + SIDE * SIDE, 4 * SIDE);
        _tile_loadd(6, zeros + 2 * SIDE * SIDE, 4 * SIDE);
        _tile_loadd(7, zeros + 3 * SIDE * SIDE, 4 * SIDE);
        _tile_dpbf16ps(0, 4, 6);
        _tile_dpbf16ps(1, 4, 7);
        _tile_dpbf16ps(2, 5, 6);
        _tile_dpbf16ps(3, 5, 7);
    }
    amx_release();
}

#else

void amx_rounds(int64_t n)
{
    (void)n;
}

void amx_allow(int allowed)
{
    (void)allowed;
}

int amx_here(void)
{
    return 0;
}

void amx_release(void)
{
}

void amx_product(float *c, int64_t ldc, const float *a, int64_t lda, int64_t unit, const float *b,
                 int64_t pb, int64_t m, int64_t n, int64_t k, int add, int ahead)
{
    (void)c, (void)ldc, (void)a, (void)lda, (void)unit, (void)b, (void)pb, (void)m, (void)n,
        (void)k, (void)add, (void)ahead;
    fail(CODE_FAULT, "amx_product: not built for this processor");
}

#endif
