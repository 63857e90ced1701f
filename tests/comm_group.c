// Collectives give what their definitions say on any number of ranks; mail arrives whole and from
// whom it says; failing ends all ranks.
// RUN: np=1,2,4
#include "test.h"

static void collectives(group_t *g)
{
    int r = group_rank(g), n = group_size(g);
    enum { BIG = (1 << 20) + 37 };
    float *x = ALLOC(float, BIG);
    for (int i = 0; i < BIG; i++)
        x[i] = (float)(r + 1) * (float)(i % 7);
    comm_sum_f32(g, x, BIG);
    int bad = 0;
    for (int i = 0; i < BIG; i++)
        bad += x[i] != (float)(n * (n + 1) / 2) * (float)(i % 7);
    check(bad == 0, "%d wrong sums", bad);
    mem_free(x);

    double top = r;
    comm_max_f64(g, &top, 1);
    int64_t who = r == n - 1 ? 42 : 0, all[16];
    comm_bcast(g, &who, sizeof who, n - 1);
    check(top == n - 1 && who == 42);
    who = r * 10;
    comm_allgather(g, all, &who, sizeof who);
    for (int i = 0; i < n; i++)
        check(all[i] == i * 10);

    char part[16], want[64] = "";
    for (int i = 0; i < n; i++)
        for (int k = 0; k < i + 1; k++)
            sprintf(want + strlen(want), "%d", i);
    memset(part, '0' + r, sizeof part);
    size_t total, counts[16];
    char *joined = comm_allgatherv(g, part, (size_t)r + 1, &total, counts);
    check(total == strlen(want) && !memcmp(joined, want, total));
    for (int i = 0; i < n; i++)
        check(counts[i] == (size_t)i + 1);
    mem_free(joined);
}

static void mail(group_t *g)
{
    int r = group_rank(g), n = group_size(g);
    enum { EACH = 20 };
    for (int to = 0; to < n; to++)
        for (int i = 0; i < EACH; i++) {
            size_t bytes = (size_t)(i * i * 400);
            unsigned char *p = mem_new(bytes + 1);
            memset(p, r * EACH + i, bytes);
            mail_post(g, to, i, p, bytes);
            mem_free(p);
        }
    int seen[16][EACH] = {{0}}, left = n * EACH;
    while (left) {
        size_t bytes;
        int from, tag;
        unsigned char *p = mail_poll(g, &bytes, &from, &tag);
        if (!p)
            continue;
        check(bytes == (size_t)(tag * tag * 400));
        check(bytes == 0 || (p[0] == from * EACH + tag && p[bytes - 1] == from * EACH + tag));
        seen[from][tag]++;
        left--;
        mem_free(p);
    }
    for (int i = 0; i < n; i++)
        for (int k = 0; k < EACH; k++)
            check(seen[i][k] == 1);
    mail_flush(g);
    comm_barrier(g);
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    group_t *world = comm_world();
    collectives(world);
    mail(world);
    int r = group_rank(world), n = group_size(world);
    group_t *half = group_split(world, r % 2, -r);
    check(group_size(half) == (n + 1 - r % 2) / 2);
    check(group_rank(half) == (n - 1 - r) / 2, "keys order ranks");
    collectives(half);
    mail(half);
    group_free(half);
    group_t *one = group_split(world, r == 0 ? 0 : -1, 0);
    check((one != NULL) == (r == 0));
    group_free(one);
    fail_any(world, 0, CODE_FAULT, "nothing is wrong");
    return test_end();
}
