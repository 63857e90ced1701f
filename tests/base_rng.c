// Philox gives its authors' known answers; streams are functions of their key, uniform, unbiased
// and distinct.
// RUN: np=1
#include "test.h"

/* Many at a time are the same numbers, and the stream goes on where it would have. */
static void many_at_a_time(void)
{
    static const int below[] = {1, 2, 3, 120, 1000003, 2000000011};
    int item[700];
    for (size_t k = 0; k < sizeof below / sizeof *below; k++)
        for (int many = 0; many < 700; many += 1 + many / 3) {
            rng_t a = rng_make(5, RNG_TEST, k, 0), b = a;
            for (int skip = 0; skip < many % 5; skip++)
                check(rng_u32(&a) == rng_u32(&b));
            rng_belows(&a, below[k], item, many);
            for (int i = 0; i < many; i++)
                check(item[i] == rng_below(&b, below[k]), "below %d, %d of %d", below[k], i, many);
            check(rng_u32(&a) == rng_u32(&b), "after %d below %d", many, below[k]);
        }
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    many_at_a_time();
    /* Random123's known-answer file, philox4x32 10 rounds: counter and key all zero, all ones. */
    rng_t zero = {.key = {0, 0}, .ctr = {0, 0, 0, 0}};
    uint32_t want0[4] = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
    rng_t ones = {.key = {~0u, ~0u}, .ctr = {~0u, ~0u, ~0u, ~0u}};
    uint32_t want1[4] = {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd};
    for (int i = 0; i < 4; i++) {
        uint32_t a = rng_u32(&zero), b = rng_u32(&ones);
        check(a == want0[i], "word %d: %08x", i, a);
        check(b == want1[i], "word %d: %08x", i, b);
    }

    rng_t a = rng_make(1, RNG_SAMPLE, 2, 3), b = rng_make(1, RNG_SAMPLE, 2, 3);
    for (int i = 0; i < 100; i++)
        check(rng_u32(&a) == rng_u32(&b));
    uint64_t key[5][4] = {{1, 5, 2, 3}, {2, 5, 2, 3}, {1, 6, 2, 3}, {1, 5, 3, 3}, {1, 5, 2, 4}};
    for (int i = 0; i < 5; i++)
        for (int j = 0; j < i; j++)
            check(rng_at(key[i][0], (uint32_t)key[i][1], key[i][2], key[i][3], 7) !=
                      rng_at(key[j][0], (uint32_t)key[j][1], key[j][2], key[j][3], 7),
                  "%d %d", i, j);

    int count[10] = {0}, items[5] = {0, 1, 2, 3, 4}, where[5] = {0};
    double sum = 0, square = 0, normal = 0, chi = 0;
    rng_t r = rng_make(4, RNG_TEST, 0, 0);
    for (int i = 0; i < 100000; i++) {
        double u = rng_uniform(&r), z = rng_normal(&r);
        check(u >= 0 && u < 1);
        sum += u;
        normal += z;
        square += z * z;
        count[rng_below(&r, 10)]++;
    }
    for (int i = 0; i < 10; i++)
        chi += (count[i] - 1e4) * (count[i] - 1e4) / 1e4;
    check(fabs(sum / 1e5 - 0.5) < 0.005 && fabs(normal / 1e5) < 0.015 &&
          fabs(square / 1e5 - 1) < 0.02);
    check(chi < 30, "chi square %g at 9 degrees of freedom", chi);
    for (int i = 0; i < 10000; i++) {
        rng_shuffle(&r, items, 5);
        for (int j = 0; j < 5; j++)
            where[j] += items[j] == 0;
    }
    for (int j = 0; j < 5; j++)
        check(abs(where[j] - 2000) < 250, "item 0 was at %d %d times", j, where[j]);
    double low = 1, high = 0;
    for (uint32_t p = 0; p < 10000; p++) {
        double u = rng_at(3, RNG_SAMPLE, 1, 1, p);
        low = fmin(low, u);
        high = fmax(high, u);
    }
    check(low >= 0 && low < 0.002 && high < 1 && high > 0.998);
    return test_end();
}
