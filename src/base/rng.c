/* Counter-based random numbers: Philox 4x32-10.

   Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC'11.  Ten rounds of
   a keyed bijection of a 128-bit counter; passes BigCrush.  There is no state to carry along, so
   any rank can ask for any number: the key is (seed, purpose, step, item) and the counter is the
   position in that stream.  That is what makes a run independent of the number of ranks.

   Key and counter:  key = (seed low ^ purpose, seed high ^ step high),
                     counter = (position, step low, item low, item high ^ purpose rotated). */
#include "base.h"
#include <math.h>

static void philox(const uint32_t key[2], const uint32_t ctr[4], uint32_t out[4])
{
    uint32_t k0 = key[0], k1 = key[1], c0 = ctr[0], c1 = ctr[1], c2 = ctr[2], c3 = ctr[3];
    for (int round = 0; round < 10; round++) {
        uint64_t a = (uint64_t)0xD2511F53u * c0, b = (uint64_t)0xCD9E8D57u * c2;
        uint32_t n0 = (uint32_t)(b >> 32) ^ c1 ^ k0, n2 = (uint32_t)(a >> 32) ^ c3 ^ k1;
        c1 = (uint32_t)b;
        c3 = (uint32_t)a;
        c0 = n0;
        c2 = n2;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

rng_t rng_make(uint64_t seed, uint32_t a, uint64_t b, uint64_t c)
{
    return (rng_t){.key = {(uint32_t)seed ^ (a * 0x85EBCA6Bu),
                           (uint32_t)(seed >> 32) ^ (uint32_t)(b >> 32)},
                   .ctr = {0, (uint32_t)b, (uint32_t)c, (uint32_t)(c >> 32) ^ (a << 24 | a >> 8)}};
}

uint32_t rng_u32(rng_t *r)
{
    if (r->left == 0) {
        philox(r->key, r->ctr, r->out);
        r->ctr[0]++;
        r->left = 4;
    }
    return r->out[4 - r->left--];
}

double rng_uniform(rng_t *r)
{
    return rng_u32(r) * 0x1p-32;
}

/* Lemire's multiplication with rejection: unbiased. */
int rng_below(rng_t *r, int n)
{
    ASSERT(n > 0);
    uint32_t bound = (uint32_t)n, least = (0u - bound) % bound;
    for (;;) {
        uint64_t m = (uint64_t)rng_u32(r) * bound;
        if ((uint32_t)m >= least)
            return (int)(m >> 32);
    }
}

/* Philox of LANES counters from r's on, word k of counter i in out[4 i + k]: the ten rounds side by
   side, as vectors. */
enum { LANES = 16 };
static void philox_lanes(const rng_t *r, uint32_t out[4 * LANES])
{
    uint32_t c0[LANES], c1[LANES], c2[LANES], c3[LANES], k0 = r->key[0], k1 = r->key[1];
    for (int i = 0; i < LANES; i++)
        c0[i] = r->ctr[0] + (uint32_t)i, c1[i] = r->ctr[1], c2[i] = r->ctr[2], c3[i] = r->ctr[3];
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < LANES; i++) {
            uint64_t a = (uint64_t)0xD2511F53u * c0[i], b = (uint64_t)0xCD9E8D57u * c2[i];
            c0[i] = (uint32_t)(b >> 32) ^ c1[i] ^ k0;
            c2[i] = (uint32_t)(a >> 32) ^ c3[i] ^ k1;
            c1[i] = (uint32_t)b;
            c3[i] = (uint32_t)a;
        }
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    for (int i = 0; i < LANES; i++)
        out[4 * i] = c0[i], out[4 * i + 1] = c1[i], out[4 * i + 2] = c2[i], out[4 * i + 3] = c3[i];
}

void rng_belows(rng_t *r, int n, int *item, int many)
{
    uint32_t bound = (uint32_t)n, least = (0u - bound) % bound, out[4 * LANES];
    int made = 0;
    while (made < many && r->left)
        item[made++] = rng_below(r, n);
    while (many - made >= 4 * LANES && !r->left) {
        philox_lanes(r, out);
        r->ctr[0] += LANES;
        for (int i = 0; i < 4 * LANES; i++) {
            uint64_t m = (uint64_t)out[i] * bound;
            item[made] = (int)(m >> 32);
            made += (uint32_t)m >= least;
        }
    }
    while (made < many)
        item[made++] = rng_below(r, n);
}

double rng_normal(rng_t *r)
{
    double u = (rng_u32(r) + 1.0) * 0x1p-32, v = rng_u32(r) * 0x1p-32;
    return sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
}

void rng_shuffle(rng_t *r, int *items, int n)
{
    for (int i = n - 1; i > 0; i--) {
        int j = rng_below(r, i + 1), t = items[i];
        items[i] = items[j];
        items[j] = t;
    }
}

float rng_at(uint64_t seed, uint32_t a, uint64_t b, uint64_t c, uint32_t position)
{
    rng_t r = rng_make(seed, a, b, c);
    uint32_t out[4];
    r.ctr[0] = position;
    philox(r.key, r.ctr, out);
    return (float)(out[0] >> 8) * 0x1p-24f;
}
