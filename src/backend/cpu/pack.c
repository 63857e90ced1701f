/* Weights in the form in which all products read them; the only copy of a matrix that a model
   holds.

   w[N,K] is cut into panels of NR rows.  A panel is [units][NR]: unit u of every row of the panel
   side by side, so that one step of a product's sum is one load.  A unit is one float32, or two
   bfloat16 that are neighbours in k (rows of units are padded with zeros to whole vectors).  Rows
   beyond N are zero.
     put     rows go in, VL x VL units of the source transposed at a time: pairs of bfloat16 as they
     stand in a file are units
             already; float32 is rounded to nearest where the pack's type is bfloat16
     get     and out again, exactly what is held
     turn    a block for the product that sums over rows (dx = dy w): panels over K whose units run
     along N,
             made while the product runs: one transposition of an element per 2 ROWS flops, 2 to 3%
   Row r of a table of embeddings is read with a stride: K / VL times the lines of a flat copy, a
   thousandth of a layer.

   Cost: put and get are bound by memory. */
#include "backend/cpu/cpu.h"
#include "backend/cpu/vec.h"

static int64_t units_of(int64_t k, dtype_t type)
{
    return type == BF16 ? ROUND_UP((k + 1) / 2, LANES) : k;
}

static pack_t *pack_new(int64_t n, int64_t k, dtype_t type)
{
    pack_t *p = ALLOC(pack_t, 1);
    *p = (pack_t){n, k, units_of(k, type), type, NULL};
    p->panel = mem_new((size_t)(ROUND_UP(n, NR) * p->units) * 4);
    return p;
}

pack_t *cpu_pack_new(int64_t n, int64_t k)
{
    return pack_new(n, k, F32);
}

pack_t *cpu_pack_new_bf16(int64_t n, int64_t k)
{
    return pack_new(n, k, BF16);
}

void cpu_pack_free(pack_t *p)
{
    if (p)
        mem_free(p->panel);
    mem_free(p);
}

size_t cpu_pack_bytes(int64_t n, int64_t k)
{
    return (size_t)(ROUND_UP(n, NR) * k) * 4;
}

size_t cpu_pack_bytes_bf16(int64_t n, int64_t k)
{
    return (size_t)(ROUND_UP(n, NR) * units_of(k, BF16)) * 4;
}

void cpu_pack_copy(pack_t *dst, const pack_t *src)
{
    ASSERT(dst->n == src->n && dst->k == src->k && dst->type == src->type);
    memcpy(dst->panel, src->panel, (size_t)(ROUND_UP(src->n, NR) * src->units) * 4);
}

/* Unit u of row r. */
INLINE float *unit(const pack_t *p, int64_t r, int64_t u)
{
    return p->panel + (r / NR * p->units + u) * NR + r % NR;
}

static float element(const char *w, dtype_t type, int64_t i)
{
    uint32_t bits = 0;
    memcpy(type == BF16 ? (char *)&bits + 2 : (char *)&bits, w + i * dtype_bytes(type),
           (size_t)dtype_bytes(type));
    float x;
    memcpy(&x, &bits, 4);
    return x;
}

static void put_row(pack_t *p, int64_t r, const char *w, dtype_t type)
{
    for (int64_t u = 0; u < p->units; u++)
        if (p->type == BF16) {
            vf even = vec_all(2 * u < p->k ? element(w, type, 2 * u) : 0);
            vf odd = vec_all(2 * u + 1 < p->k ? element(w, type, 2 * u + 1) : 0),
               both = vec_pair(even, odd);
            memcpy(unit(p, r, u), &both, 4);
        } else {
            *unit(p, r, u) = element(w, type, u);
        }
}

static void get_row(const pack_t *p, int64_t r, float *w)
{
    for (int64_t u = 0; u * units_per(p->type) < p->k; u++)
        if (p->type == BF16) {
            uint32_t bits, even, odd;
            memcpy(&bits, unit(p, r, u), 4);
            even = bits << 16, odd = bits & 0xffff0000u;
            memcpy(w + 2 * u, &even, 4);
            if (2 * u + 1 < p->k)
                memcpy(w + 2 * u + 1, &odd, 4);
        } else {
            w[u] = *unit(p, r, u);
        }
}

/* n columns from column i on of VL rows, of which x[l] has unit l in the order of the rows: the
   source's units become the pack's. */
INLINE void put_units(pack_t *p, int64_t r, int64_t i, const vf x[VL], dtype_t type, int64_t n)
{
    if (type == BF16 && p->type == BF16)
        for (int l = 0; l < VL && 2 * l < n; l++)
            vec_store(unit(p, r, i / 2 + l), x[l]);
    else if (type == BF16)
        for (int l = 0; l < VL && 2 * l < n; l++) {
            vec_store(unit(p, r, i + 2 * l), vec_even(x[l]));
            if (2 * l + 1 < n)
                vec_store(unit(p, r, i + 2 * l + 1), vec_odd(x[l]));
        }
    else if (p->type == BF16)
        for (int l = 0; l < VL && l < n; l += 2)
            vec_store(unit(p, r, (i + l) / 2), vec_pair(x[l], x[l + 1]));
    else
        for (int l = 0; l < VL && l < n; l++)
            vec_store(unit(p, r, i + l), x[l]);
}

/* Rows r .. r+VL, all there, r a multiple of VL; w is the first. */
INLINE void put_rows(pack_t *p, int64_t r, const char *w, dtype_t type)
{
    int64_t k = p->k, size = type == BF16 ? 2 : 4, step = 4 * VL / size;
    for (int64_t i = 0; i < k; i += step) {
        vf x[VL];
        for (int l = 0; l < VL; l++)
            x[l] = vec_load_bytes(w + (l * k + i) * size, (k - i) * size);
        vec_transpose(x);
        put_units(p, r, i, x, type, k - i);
    }
}

static void get_rows(const pack_t *p, int64_t r, float *w)
{
    int64_t k = p->k;
    for (int64_t i = 0; i < k; i += VL) {
        vf x[VL] = {{0}};
        if (p->type == BF16)
            for (int l = 0; l < VL && i + l < k; l += 2) {
                vf both = vec_load(unit(p, r, (i + l) / 2));
                x[l] = vec_even(both);
                x[l + 1] = vec_odd(both);
            }
        else
            for (int l = 0; l < VL && i + l < k; l++)
                x[l] = vec_load(unit(p, r, i + l));
        vec_transpose(x);
        for (int l = 0; l < VL; l++)
            vec_store_n(w + l * k + i, x[l], k - i);
    }
}

void cpu_pack_put(pack_t *p, buf_t w, dtype_t type, int64_t row, int64_t rows)
{
    const char *src = w.p;
    int64_t k = p->k, end = row + rows, bytes = k * dtype_bytes(type);
    ASSERT(row >= 0 && end <= p->n && type != F16);
#pragma omp parallel for schedule(static) if (rows * k > 1 << 16)
    for (int64_t panel = row / NR * NR; panel < end; panel += NR)
        for (int64_t r = panel; r < panel + NR && r < end; r += VL) {
            if (r < row || r + VL > end)
                for (int64_t i = r < row ? row : r; i < r + VL && i < end; i++)
                    put_row(p, i, src + (i - row) * bytes, type);
            else if (type == BF16)
                put_rows(p, r, src + (r - row) * bytes, BF16);
            else
                put_rows(p, r, src + (r - row) * bytes, F32);
        }
}

void cpu_pack_get(const pack_t *p, buf_t w, int64_t row, int64_t rows)
{
    float *dst = w.p;
    int64_t k = p->k, end = row + rows;
    ASSERT(row >= 0 && end <= p->n);
#pragma omp parallel for schedule(static) if (rows * k > 1 << 16)
    for (int64_t panel = row / NR * NR; panel < end; panel += NR)
        for (int64_t r = panel; r < panel + NR && r < end; r += VL) {
            if (r >= row && r + VL <= end)
                get_rows(p, r, dst + (r - row) * k);
            else
                for (int64_t i = r < row ? row : r; i < r + VL && i < end; i++)
                    get_row(p, i, dst + (i - row) * k);
        }
}

void cpu_embed(buf_t y, const pack_t *table, buf_t token, int64_t t)
{
    float *yp = y.p;
    const int32_t *id = token.p;
#pragma omp parallel for schedule(static) if (t * table->k > 1 << 14)
    for (int64_t i = 0; i < t; i++) {
        ASSERT(id[i] >= 0 && id[i] < table->n);
        get_row(table, id[i], yp + i * table->k);
    }
}

/* VL rows x VL columns from row r, column j, to panel row (r - r0): one float32 a unit. */
INLINE void turn_singles(float *to, int64_t d, const pack_t *p, int64_t r, int64_t j)
{
    vf x[VL];
#pragma GCC unroll 16
    for (int l = 0; l < VL; l++)
        x[l] = j + l < p->units ? vec_load(unit(p, r, j + l)) : (vf){0};
    vec_transpose(x);
    for (int64_t l = 0; l < VL && l < d; l++)
        vec_store(to + l * NR, x[l]);
}

/* VL rows x 2 VL columns from row r, column j: two rows a unit. */
INLINE void turn_pairs(float *to, int64_t d, const pack_t *p, int64_t r, int64_t j)
{
    vf x[VL];
    vi low, high;
    for (int i = 0; i < VL; i++) {
        low[i] = i / 2 + i % 2 * VL;
        high[i] = low[i] + VL / 2;
    }
#pragma GCC unroll 16
    for (int l = 0; l < VL; l++)
        x[l] = j / 2 + l < p->units ? vec_load(unit(p, r, j / 2 + l)) : (vf){0};
    vec_transpose(x); /* x[row]: its pairs from column j on */
#pragma GCC unroll 8
    for (int64_t l = 0; l < VL / 2; l++) {
        vu a = (vu)x[2 * l], b = (vu)x[2 * l + 1];
        vf even = (vf)((a & 0xffffu) | (b << 16)), odd = (vf)((a >> 16) | (b & 0xffff0000u));
        if (l >= d)
            break;
        vec_store(to + l * NR, __builtin_shuffle(even, odd, low));
        vec_store(to + l * NR + VL, __builtin_shuffle(even, odd, high));
    }
}

void pack_turn(float *panel, const pack_t *p, int64_t r0, int64_t j0, int64_t d, int64_t cols)
{
    int64_t per = p->type == BF16 ? VL / 2 : VL, step = p->type == BF16 ? 2 * VL : VL;
    for (int64_t j = 0; j < cols; j += step)
        for (int64_t l = 0; l < d; l += per) {
            float *to = panel + (j / NR * d + l) * NR + j % NR;
            int64_t r = r0 + l * (p->type == BF16 ? 2 : 1);
            if (p->type == BF16)
                turn_pairs(to, d - l, p, r, j0 + j);
            else
                turn_singles(to, d - l, p, r, j0 + j);
        }
    if (p->type == F32 && cols % NR && cols % NR <= VL)
        for (int64_t l = 0; l < d; l++)
            vec_store(panel + cols / NR * NR * d + l * NR + VL, (vf){0});
}
