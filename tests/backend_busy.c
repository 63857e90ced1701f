// Where other processes keep a rank's threads from running, fewer of them work, with the same bits; a number set meanwhile stays.
// RUN: np=1
#include "test.h"
#include "backend.h"
#include <omp.h>
#include <signal.h>

enum { M = 24, N = 768, K = 768, SPINNERS = 6 };

static const ops_t *ops;
static pack_t *w;
static buf_t x, y;

/* Products until the number of threads is between these two, or so many seconds; the last one's
   bits. */
static hash_t work(double seconds, int least, int most)
{
    double end = clock_now() + seconds;
    do
        ops->matmul(y, x, w, (buf_t){NULL}, M);
    while (clock_now() < end && (omp_get_max_threads() < least || omp_get_max_threads() > most));
    float *host = ALLOC(float, M *N);
    ops->get(host, y, (size_t)M * N * 4);
    hash_t h = hash_bytes(host, (size_t)M * N * 4);
    mem_free(host);
    return h;
}

static void fill(buf_t b, int64_t n, uint64_t seed)
{
    float *host = ALLOC(float, n);
    test_fill(host, n, seed);
    ops->put(b, host, (size_t)n * 4);
    mem_free(host);
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    FILE *f = fopen("/proc/self/schedstat", "r");
    if (!f)
        test_skip("the kernel does not say how long threads wait for a core");
    fclose(f);
    ops = backend_open("cpu");
    x = ops->alloc(M * K * 4), y = ops->alloc(M * N * 4);
    buf_t from = ops->alloc(N * K * 4);
    fill(x, M * K, 1), fill(from, N * K, 2);
    w = ops->pack_new(N, K);
    ops->pack_put(w, from, F32, 0, N);
    omp_set_num_threads(1);
    hash_t one = work(0, 1, 1);
    check(omp_get_max_threads() == 1);
    int cores = omp_get_num_procs();
    pid_t pid[SPINNERS];
    for (int i = 0; i < SPINNERS; i++)
        if ((pid[i] = fork()) == 0)
            for (volatile int j = 0;; j++)
                ;
    /* more threads than cores would do too, but that is another matter */
    omp_set_num_threads(cores < 2 ? 2 : cores > SPINNERS ? SPINNERS : cores);
    int all = omp_get_max_threads();
    hash_t some = work(20, 1, all - 1);
    int fewer = omp_get_max_threads();
    check(fewer < all || cores > SPINNERS, "%d threads of %d beside %d spinning processes", fewer,
          all, SPINNERS);
    check(hash_equal(some, one));
    omp_set_num_threads(all + 1); /* is what comes back after the next time */
    work(20, 1, all);
    work(20, all + 1, 99);
    check(omp_get_max_threads() == all + 1 || cores > SPINNERS, "%d threads, not %d",
          omp_get_max_threads(), all + 1);
    for (int i = 0; i < SPINNERS; i++)
        kill(pid[i], SIGKILL), waitpid(pid[i], NULL, 0);
    ops->pack_free(w);
    ops->release(x, M * K * 4), ops->release(y, M * N * 4), ops->release(from, N * K * 4);
    return test_end();
}
