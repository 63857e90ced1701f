/* One token from one row of logits.

   Temperature 0: the largest logit, the lowest id among equals.  Else q_v = exp((z_v - max
   z)/temperature), then
     top-k   keeps the k largest,
     top-p   of what is left keeps the smallest set whose mass is at least top_p of the mass left,
   ties broken in favour of lower ids, and the token is the first id, in order of id, whose
   cumulative kept mass exceeds u times the kept mass (inversion of the distribution function):
   first the block of ids is found, then the id in it. Where nothing is cut the blocks and their
   masses are those of the row's log-softmax (head.c), so that a row of 150,000 logits is read once
   and one block of it again.

   Neither cut sorts: both keep {q > t} and the first few of {q = t} for some t, and t is found by
   bisection on the bits of q (non-negative floats are ordered like their bits): at most 31 passes
   over the row, each a vector loop.  Deterministic: sums run in one fixed order, in double. */
#include "backend/cpu/cpu.h"
#include "backend/cpu/vec.h"

#define BLOCKS 64 /* of a cut row, whose masses are summed apart */

typedef struct {
    float at;     /* q > at is kept, */
    int64_t ties; /* and the first `ties` of q == at */
} cut_t;

/* Number and mass of q >= t; 8 lanes in double, then in order. */
static double mass_from(const float *q, int64_t v, float t, int64_t *count)
{
    double s[8] = {0}, sum = 0;
    int64_t n = 0, j = 0;
    for (; j + 8 <= v; j += 8)
        for (int i = 0; i < 8; i++) {
            s[i] += q[j + i] >= t ? (double)q[j + i] : 0;
            n += q[j + i] >= t;
        }
    for (; j < v; j++) {
        s[0] += q[j] >= t ? (double)q[j] : 0;
        n += q[j] >= t;
    }
    for (int i = 0; i < 8; i++)
        sum += s[i];
    *count = n;
    return sum;
}

static float float_of(int32_t bits)
{
    float x;
    memcpy(&x, &bits, 4);
    return x;
}

/* The largest t such that {q >= t} still has `count` members (count > 0) or else mass `mass`. */
static float bisect(const float *q, int64_t v, int64_t count, double mass)
{
    int32_t low = 0, high = 0x3f800001; /* q <= 1: {q >= high} is empty */
    while (high - low > 1) {
        int32_t mid = low + (high - low) / 2;
        int64_t n;
        double m = mass_from(q, v, float_of(mid), &n);
        if (count > 0 ? n >= count : m >= mass)
            low = mid;
        else
            high = mid;
    }
    return float_of(low);
}

/* Zero all but the kept: q > t and the first `ties` of q == t. */
static void apply(float *q, int64_t v, cut_t c)
{
    for (int64_t j = 0; j < v; j++)
        if (q[j] < c.at || (q[j] == c.at && c.ties-- <= 0))
            q[j] = 0;
}

static void cut(float *q, int64_t v, const sampling_t *s)
{
    int64_t above, n;
    if (s->top_k > 0 && s->top_k < v) {
        float t = bisect(q, v, s->top_k, 0);
        mass_from(q, v, nextafterf(t, 2), &above);
        apply(q, v, (cut_t){t, s->top_k - above});
    }
    if (s->top_p < 1) {
        double need = mass_from(q, v, 0, &n) * (double)s->top_p;
        float t = bisect(q, v, 0, need);
        double have = mass_from(q, v, nextafterf(t, 2), &above);
        int64_t ties = t > 0 ? (int64_t)ceil((need - have) / (double)t) : v;
        apply(q, v, (cut_t){t, above + ties > 0 ? ties : 1});
    }
}

/* The first of the largest. */
static int32_t first_top(const float *z, int64_t v)
{
    float m = vec_row_top(z, v);
    int64_t j = 0;
    for (; j + VL <= v && !vec_any(vec_load(z + j) == m); j += VL)
        ;
    while (j < v - 1 && z[j] != m)
        j++;
    return (int32_t)j;
}

/* q = exp((z - m) beta) for n logits. */
static void weights(float *q, const float *z, int64_t n, float m, float beta)
{
    for (int64_t j = 0; j < n; j += VL)
        vec_store_n(q + j, vec_exp((vec_load_n(z + j, n - j) - m) * beta), n - j);
}

/* The first of n ids, behind which the mass so far, `sum` before them, exceeds the goal; -1 where
   all are zero. */
static int32_t first_over(const float *q, int64_t n, double sum, double goal)
{
    int32_t last = -1;
    for (int64_t j = 0; j < n && sum <= goal; j++)
        if (q[j] > 0) {
            last = (int32_t)j;
            sum += (double)q[j];
        }
    return last;
}

int32_t sample_whole(float *q, const float *z, int64_t v, int64_t step, const block_t *block,
                     float top, float beta, float u)
{
    double goal = 0, sum = 0, next;
    int64_t count = (v + step - 1) / step, i = 0;
    for (int64_t j = 0; j < count; j++)
        goal = fma((double)block[j].mass, exp((double)((block[j].top - top) * beta)), goal);
    for (goal *= (double)u; i < count - 1; i++, sum = next) {
        next = fma((double)block[i].mass, exp((double)((block[i].top - top) * beta)), sum);
        if (next > goal)
            break;
    }
    int64_t first = i * step, n = least(step, v - first);
    weights(q, z + first, n, top, beta);
    int32_t at = first_over(q, n, sum, goal);
    return at < 0 ? first_top(z, v) : (int32_t)first + at;
}

int32_t sample_cut(float *q, const float *z, int64_t v, const sampling_t *s, float u)
{
    int32_t best = first_top(z, v);
    if (!(s->temperature > 0))
        return best;
    double mass[BLOCKS], goal = 0, sum = 0;
    int64_t size = ROUND_UP((v + BLOCKS - 1) / BLOCKS, LANES), count = (v + size - 1) / size,
            block = 0, kept;
    weights(q, z, v, z[best], 1 / s->temperature);
    cut(q, v, s);
    for (int64_t i = 0; i < count; i++)
        goal += mass[i] = mass_from(q + i * size, least(size, v - i * size), 0, &kept);
    goal *= (double)u;
    while (block < count - 1 && sum + mass[block] <= goal)
        sum += mass[block++];
    int64_t first = block * size;
    int32_t at = first_over(q + first, least(size, v - first), sum, goal);
    return at < 0 ? best : (int32_t)first + at;
}
