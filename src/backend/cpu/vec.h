/* Private to cpu/: vectors of VL float32 through the compiler's vector extension, so that one
   source serves AVX-512, AVX2 and plain SSE or other machines.

   Why explicit vectors: an auto-vectorised loop may peel for alignment, and then the order of a sum
   (or which product is fused) would depend on an address.  Here element i of a row is always
   treated in the same way, whatever the address, the thread or the number of rows: row invariance
   needs that.  A sum along a row runs over LANES lanes, two vectors where a vector is half of them, and
   what is fused into one rounding is written out where compilers differ: AVX2 and AVX-512 have the
   same bits (tests/rl_bits.c).  Left are the C library's logf, exp, pow, cos and sin, which round the
   same way on all processors with FMAs under one version of it.  Bodies in a header: these must be inlined into loops of a few cycles; there is no
   other way in C. */
#pragma once
#include <math.h>
#include <stdint.h>
#include <string.h>
#if defined __SSE__
#include <immintrin.h>
#endif

#if defined __AVX512F__
#define VL 16 /* float32 in a vector */
#define MR 12 /* rows of a register tile: 24 of 32 registers accumulate */
#elif defined __AVX2__
#define VL 8
#define MR 6 /* 12 of 16 */
#else
#define VL 4
#define MR 6
#endif
#define NR (2 * VL) /* columns of a register tile; width of a packed panel */

#define LANES 16           /* of a sum along a row, on every machine: */
#define PARTS (LANES / VL) /* so many vectors hold them */
#if defined __AVX512BF16__ && VL == 16
#define UNIT 1 /* the processor multiplies pairs of bfloat16 */
#else
#define UNIT 2 /* it does not: in a product's other factor a pair is kept as two float32 */
#endif

typedef float vf __attribute__((vector_size(4 * VL)));
typedef int32_t vi __attribute__((vector_size(4 * VL)));
typedef uint32_t vu __attribute__((vector_size(4 * VL)));
typedef float vfu __attribute__((vector_size(4 * VL), aligned(4), may_alias));
#define LINES  __attribute__((aligned(64))) /* begins on a line of the cache */
#define INLINE static inline __attribute__((always_inline, unused))

INLINE vf vec_all(float x)
{
    return x - (vf){0};
}
INLINE vf vec_load(const float *p)
{
    return *(const vfu *)p;
}
INLINE void vec_store(float *p, vf x)
{
    *(vfu *)p = x;
}

/* Past the caches, to p on a boundary of vectors; until vec_streamed others may not see it. */
INLINE void vec_stream(float *p, vf x)
{
#if defined __AVX512F__
    _mm512_stream_ps(p, (__m512)x);
#elif defined __AVX2__
    _mm256_stream_ps(p, (__m256)x);
#else
    vec_store(p, x);
#endif
}

INLINE void vec_streamed(void)
{
#if defined __AVX512F__ || defined __AVX2__
    _mm_sfence();
#endif
}

/* The same with only n < VL elements there; the rest reads as 0 and is not written. */
INLINE vf vec_load_n(const float *p, int64_t n)
{
    if (n >= VL)
        return vec_load(p);
    vf x = {0};
    memcpy(&x, p, (size_t)n * 4);
    return x;
}

/* And from any address, `bytes` of them. */
INLINE vf vec_load_bytes(const char *p, int64_t bytes)
{
    vf x = {0};
    if (bytes >= 4 * VL)
        memcpy(&x, p, 4 * VL);
    else
        memcpy(&x, p, (size_t)bytes);
    return x;
}

/* And where none may be there. */
INLINE vf vec_load_some(const float *p, int64_t n)
{
    return n > 0 ? vec_load_n(p, n) : (vf){0};
}

INLINE void vec_store_n(float *p, vf x, int64_t n)
{
    if (n >= VL)
        vec_store(p, x);
    else
        memcpy(p, &x, (size_t)n * 4);
}

INLINE vf vec_select(vi mask, vf yes, vf no)
{
    return (vf)(((vi)yes & mask) | ((vi)no & ~mask));
}

/* a > b ? a : b, which is what the processors' instructions say, of NaN too; compilers make four
   instructions of it. */
INLINE vf vec_max(vf a, vf b)
{
#if defined __AVX512F__
    return (vf)_mm512_max_ps((__m512)a, (__m512)b);
#elif defined __AVX2__
    return (vf)_mm256_max_ps((__m256)a, (__m256)b);
#else
    return vec_select(a > b, a, b);
#endif
}

INLINE vf vec_min(vf a, vf b)
{
#if defined __AVX512F__
    return (vf)_mm512_min_ps((__m512)a, (__m512)b);
#elif defined __AVX2__
    return (vf)_mm256_min_ps((__m256)a, (__m256)b);
#else
    return vec_select(a < b, a, b);
#endif
}

INLINE vf vec_sqrt(vf x)
{
#if defined __AVX512F__
    return (vf)_mm512_sqrt_ps((__m512)x);
#elif defined __AVX2__
    return (vf)_mm256_sqrt_ps((__m256)x);
#else
    for (int i = 0; i < VL; i++)
        x[i] = sqrtf(x[i]);
    return x;
#endif
}

/* bfloat16: the upper half of a float32, rounded to nearest, ties to even.  Two of them make a unit
   of 32 bits, the even one low; a vector holds VL units and passes for one of floats wherever it is
   only moved. */
INLINE vu vec_round(vf x)
{
    vu b = (vu)x;
    return b + (0x7fff + (b >> 16 & 1));
}

INLINE vf vec_pair(vf even, vf odd)
{
    return (vf)((vec_round(even) >> 16) | (vec_round(odd) & 0xffff0000u));
}
INLINE vf vec_even(vf pair)
{
    return (vf)((vu)pair << 16);
}
/* what bfloat16 keeps of it */
INLINE vf vec_held(vf x)
{
    return (vf)(vec_round(x) & 0xffff0000u);
}
INLINE vf vec_odd(vf pair)
{
    return (vf)((vu)pair & 0xffff0000u);
}

/* Units of 2 VL consecutive numbers, in UNIT vectors: pairs, or each number by itself.  What is
   smaller than float32's smallest normal number becomes 0, as in the processors' instruction. */
INLINE void vec_units(float *to, vf first, vf second)
{
#if UNIT == 1
    vec_store(to, (vf)_mm512_cvtne2ps_pbh((__m512)second, (__m512)first));
#else
    vf x[2] = {first, second};
    for (int i = 0; i < 2; i++) {
        vi tiny = ((vi)x[i] & 0x7f800000) == 0;
        vec_store(to + i * VL, vec_held((vf)((vi)x[i] & (~tiny | INT32_MIN))));
    }
#endif
}

/* s + x y, rounded once.  Written as x * y + s the compiler may leave it in two where one of them is
   known on some way to it. */
INLINE vf vec_fma(vf x, vf y, vf s)
{
#if defined __AVX512F__
    return (vf)_mm512_fmadd_ps((__m512)x, (__m512)y, (__m512)s);
#elif defined __AVX2__ && defined __FMA__
    return (vf)_mm256_fmadd_ps((__m256)x, (__m256)y, (__m256)s);
#else
    return x * y + s;
#endif
}

/* x y, rounded before it is added to anything. */
INLINE vf vec_times(vf x, vf y)
{
    vf p = x * y;
#if defined __SSE__
    __asm__("" : "+v"(p)); /* or the compiler fuses the two */
#endif
    return p;
}

/* s + x y; of pairs, where the processor has the instruction: both products, the odd one first. */
INLINE vf vec_mad(vf s, vf x, vf y, const int pairs)
{
#if UNIT == 1
    if (pairs)
        return (vf)_mm512_dpbf16_ps((__m512)s, (__m512bh)x, (__m512bh)y);
#endif
    (void)pairs;
#if VL == 8 && defined __FMA__
    __asm__("vfmadd231ps %2, %1, %0" : "+x"(s) : "x"(x), "x"(y));
    return s; /* written so that sums stay where they are: of 16 registers compilers lose some */
#else
    return vec_fma(x, y, s);
#endif
}

/* That instruction takes numbers of no normal exponent for 0, in and out.  So does everything
   between these two, where pairs are multiplied without it. */
INLINE unsigned vec_flush(const int pairs)
{
    unsigned mode = 0;
#if UNIT == 2 && defined __SSE__
    if (pairs)
        _mm_setcsr((mode = _mm_getcsr()) | 0x8040); /* inputs, results */
#endif
    (void)pairs;
    return mode;
}

INLINE void vec_unflush(unsigned mode, const int pairs)
{
#if UNIT == 2 && defined __SSE__
    if (pairs)
        _mm_setcsr(mode);
#endif
    (void)mode, (void)pairs;
}

/* The 32 bits at p in every lane. */
INLINE vf vec_spread(const float *p)
{
    int32_t bits;
    memcpy(&bits, p, 4);
    return (vf)(bits + (vi){0});
}

/* Lanes h further on, cyclically. */
INLINE vf vec_turn(vf x, int h)
{
    vi from;
    for (int i = 0; i < VL; i++)
        from[i] = (i + h) % VL;
    return __builtin_shuffle(x, from);
}

/* Of LANES lanes halves are added until one is left: a fixed tree, whatever VL. */
INLINE float vec_sum(const vf part[PARTS])
{
    vf x[PARTS];
    for (int i = 0; i < PARTS; i++)
        x[i] = part[i];
#pragma GCC unroll 4
    for (int h = PARTS / 2; h > 0; h /= 2)
        for (int i = 0; i < h; i++)
            x[i] += x[i + h];
#pragma GCC unroll 4
    for (int h = VL / 2; h > 0; h /= 2)
        x[0] += vec_turn(x[0], h);
    return x[0][0];
}

INLINE float vec_top(vf x)
{
#pragma GCC unroll 4
    for (int h = VL / 2; h > 0; h /= 2)
        x = vec_max(x, vec_turn(x, h));
    return x[0];
}

/* The largest of v numbers. */
INLINE float vec_row_top(const float *z, int64_t v)
{
    vf top = vec_all(-INFINITY);
    int64_t j = 0;
    for (; j + VL <= v; j += VL)
        top = vec_max(top, vec_load(z + j));
    for (; j < v; j++)
        top[0] = z[j] > top[0] ? z[j] : top[0];
    return vec_top(top);
}

INLINE int vec_any(vi mask)
{
#if defined __AVX512F__
    return _mm512_test_epi32_mask((__m512i)mask, (__m512i)mask) != 0;
#elif defined __AVX2__
    return _mm256_movemask_ps((__m256)mask) != 0;
#else
    int any = 0;
    for (int i = 0; i < VL; i++)
        any |= mask[i];
    return any;
#endif
}

/* e^x to about 1e-7.  x = n ln 2 + r, |r| <= 0.35; Taylor to r^7 (the rest is below 6e-9); 2^n goes
   into the exponent.  Below -87 the result is exactly 0, which is what masked keys rely on. */
INLINE vf vec_exp(vf x)
{
    vi zero = x < -87.0f;
    x = vec_min(vec_max(x, vec_all(-87.0f)), vec_all(88.0f));
    vf whole = x * 1.44269504f + 12582912.0f; /* 1.5 * 2^23: rounds; n is in the lowest bits */
    vf n = whole - 12582912.0f;
    vf r = x - n * 0.693359375f;
    r = r + n * 2.12194440e-4f;
    vf p = r * (1.0f / 5040) + (1.0f / 720);
    p = p * r + (1.0f / 120);
    p = p * r + (1.0f / 24);
    p = p * r + (1.0f / 6);
    p = p * r + 0.5f;
    p = p * r + 1.0f;
    p = p * r + 1.0f;
    vi e = (vi)whole << 23;
    return (vf)(((vi)p + e) & ~zero);
}

/* silu(g) u */
INLINE vf vec_swiglu(vf g, vf u)
{
    return g * u / (1.0f + vec_exp(-g));
}

/* VL x VL transposed in registers: log2(VL) rounds that swap bit h of the row and lane numbers. */
INLINE void vec_transpose(vf x[VL])
{
    vi lane;
    for (int i = 0; i < VL; i++)
        lane[i] = i;
#pragma GCC unroll 4
    for (int h = 1; h < VL; h *= 2) {
        vi odd = (lane & h) != 0;
        vi low = (lane & ~odd) | ((lane + (VL - h)) & odd);
        vi high = low + h;
#pragma GCC unroll 16
        for (int i = 0; i < VL; i++)
            if (!(i & h)) {
                vf a = x[i], b = x[i + h];
                x[i] = __builtin_shuffle(a, b, low);
                x[i + h] = __builtin_shuffle(a, b, high);
            }
    }
}
