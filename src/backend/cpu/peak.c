/* What this machine can do at best, to hold measured rates against: float32 FMAs that never leave
   registers, and bytes streamed from memory.  Both are the best of several short runs, about 0.1 s
   in all per call. */
#include "backend/cpu/cpu.h"
#include "backend/cpu/vec.h"
#include <omp.h>

#define CHAINS (VL == 16 ? 24 : 12) /* independent chains hide the latency */

/* n rounds of CHAINS vector FMAs; returns something that depends on all.  Chains begin apart and x,
   y are not known to the compiler, so nothing can be left out; an asm barrier would push the chains
   to memory. */
INLINE float rounds(int64_t n, float x, float y, const int pairs)
{
    vf s[CHAINS], sum[PARTS] = {{0}}, vx = vec_all(x), vy = vec_all(y);
#pragma GCC unroll 32
    for (int i = 0; i < CHAINS; i++)
        s[i] = vec_all((float)i * y);
    for (int64_t r = 0; r < n; r++) {
#pragma GCC unroll 32
        for (int i = 0; i < CHAINS; i++)
            s[i] = pairs && UNIT == 1 ? vec_mad(s[i], vx, vy, 1) : s[i] * x + y;
    }
#pragma GCC unroll 32
    for (int i = 0; i < CHAINS; i++)
        sum[0] += s[i];
    return vec_sum(sum);
}

static __attribute__((noipa)) float fma_rounds(int64_t n, float x, float y)
{
    return rounds(n, x, y, 0);
}

static __attribute__((noipa)) float pair_rounds(int64_t n, float x, float y)
{
    return rounds(n, x, y, 1);
}

/* flops of n rounds, once they are done */
static double work(int64_t n, dtype_t type, float *sink)
{
    if (type == BF16 && amx_here()) {
        amx_rounds(n);
        return 16.0 * AMX_SIDE * AMX_SIDE * AMX_SIDE * (double)n;
    }
    *sink += (type == BF16 ? pair_rounds : fma_rounds)(n, 0.999f, 0.001f);
    return (type == BF16 && UNIT == 1 ? 4.0 : 2.0) * VL * CHAINS * (double)n;
}

double backend_peak_flops(int threads, dtype_t type)
{
    const int64_t n = 40000;
    double best = 0;
    float sink = 0;
    for (int try = 0; try < 100; try++) {
        double from = 0, flops = 0;
#pragma omp parallel num_threads(threads) reduction(+ : sink, flops)
        {
#pragma omp barrier
#pragma omp master
            from = clock_now();
#pragma omp barrier
            flops += work(n, type, &sink);
        }
        double rate = flops / (clock_now() - from);
        best = rate > best ? rate : best;
    }
    ASSERT(isfinite(sink));
    return best;
}

double backend_memory_rate(int threads)
{
    const int64_t n = (int64_t)96 << 20; /* 384 MiB: no cache holds it */
    float *x = ALLOC(float, n), sink = 0;
    double best = 0;
#pragma omp parallel for schedule(static) num_threads(threads)
    for (int64_t i = 0; i < n; i++)
        x[i] = 1;
    for (int try = 0; try < 8; try++) {
        double from = clock_now();
#pragma omp parallel for schedule(static) num_threads(threads) reduction(+ : sink)
        for (int64_t c = 0; c < n; c += 1 << 14) {
            vf s[4] = {{0}};
            for (int64_t i = c; i < c + (1 << 14); i += 4 * VL)
                for (int j = 0; j < 4; j++)
                    s[j] += vec_load(x + i + j * VL);
            vf sum[PARTS] = {s[0] + s[1] + s[2] + s[3]};
            sink += vec_sum(sum);
        }
        double rate = (double)n * 4 / (clock_now() - from);
        best = rate > best ? rate : best;
    }
    mem_free(x);
    ASSERT(sink > 0);
    return best;
}
