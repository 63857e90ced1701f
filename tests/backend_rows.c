// Row operations and the optimizer agree with their definitions in double, forward and backward;
// backward is the derivative of forward.
// RUN: np=1 backend=cpu,strict
#include "device.h"

static void rmsnorm(int64_t t, int64_t c)
{
    float *x = random_new(t * c, 1), *w = random_new(c, 2), *dy = random_new(t * c, 3);
    float *y = ALLOC(float, t *c), *dx = random_new(t * c, 4), *dw = random_new(c, 5);
    buf_t bx = put(x, t * c), bw = put(w, c), by = put(y, t * c), br = put(y, t),
          bdy = put(dy, t * c);
    buf_t bdx = put(dx, t * c), bdw = put(dw, c);
    ops->rmsnorm(by, br, bx, bw, t, c, 1e-5f);
    ops->rmsnorm_back(bdx, bdw, bdy, bx, bw, br, t, c);
    double *sum = ALLOC(double, c);
    for (int64_t i = 0; i < t; i++) {
        double s = 0, g = 0;
        for (int64_t j = 0; j < c; j++)
            s += (double)x[i * c + j] * x[i * c + j];
        double r = 1 / sqrt(s / c + 1e-5);
        for (int64_t j = 0; j < c; j++)
            g += (double)dy[i * c + j] * w[j] * x[i * c + j] / c;
        for (int64_t j = 0; j < c; j++) {
            double xi = x[i * c + j];
            y[i * c + j] = (float)(xi * r * w[j]);
            dx[i * c + j] += (float)(r * dy[i * c + j] * w[j] - xi * r * r * r * g);
            sum[j] += dy[i * c + j] * xi * r;
        }
    }
    for (int64_t j = 0; j < c; j++)
        dw[j] += (float)sum[j];
    float *gy = take(by, t * c), *gdx = take(bdx, t * c), *gdw = take(bdw, c), *gr = take(br, t);
    check(test_distance(gy, y, t * c) < 1e-6, "%ld %ld", t, c);
    check(test_distance(gdx, dx, t * c) < 1e-6, "%ld %ld", t, c);
    check(test_distance(gdw, dw, c) < 1e-5, "%ld %ld", t, c);
    mem_free(take(bx, t * c)), mem_free(take(bw, c)), mem_free(take(bdy, t * c));
    mem_free(gy), mem_free(gdx), mem_free(gdw), mem_free(gr), mem_free(sum);
    mem_free(x), mem_free(w), mem_free(dy), mem_free(y), mem_free(dx), mem_free(dw);
}

/* Every head of a row is a row of its own to RMSNorm; what lies beside the heads is left alone. */
static void headnorm(int64_t t, int heads, int d)
{
    int64_t ld = (heads + 1) * d, n = t * heads * d;
    float *x = random_new(t * ld, 1), *w = random_new(d, 2), *dx = random_new(t * ld, 3),
          *dw = random_new(d, 4);
    float *flat = ALLOC(float, n), *dflat = ALLOC(float, n), *zero = ALLOC(float, n);
    for (int64_t i = 0; i < t; i++) {
        memcpy(flat + i * heads * d, x + i * ld, (size_t)(heads * d) * 4);
        memcpy(dflat + i * heads * d, dx + i * ld, (size_t)(heads * d) * 4);
    }
    buf_t bx = put(x, t * ld), bw = put(w, d), braw = put(zero, n), br = put(zero, t * heads);
    buf_t bdx = put(dx, t * ld), bdw = put(dw, d);
    ops->headnorm(bx, braw, br, bw, t, ld, heads, d, 1e-5f);
    ops->headnorm_back(bdx, bdw, braw, br, bw, t, ld, heads, d);
    buf_t fx = put(flat, n), fy = put(zero, n), fr = put(zero, t * heads), fdy = put(dflat, n),
          fdx = put(zero, n), fdw = put(dw, d);
    ops->rmsnorm(fy, fr, fx, bw, t * heads, d, 1e-5f);
    ops->rmsnorm_back(fdx, fdw, fdy, fx, bw, fr, t * heads, d);
    float *raw = take(braw, n), *y = take(bx, t * ld), *want = take(fy, n), *g = take(bdx, t * ld),
          *gwant = take(fdx, n);
    float *gw = take(bdw, d), *gwwant = take(fdw, d);
    check(!memcmp(raw, flat, (size_t)n * 4));
    check(test_distance(gw, gwwant, d) < 1e-6);
    for (int64_t i = 0; i < t; i++) {
        check(!memcmp(y + i * ld, want + i * heads * d, (size_t)(heads * d) * 4), "row %ld", i);
        check(!memcmp(y + i * ld + heads * d, x + i * ld + heads * d, (size_t)d * 4), "row %ld", i);
        check(test_distance(g + i * ld, gwant + i * heads * d, heads * d) < 1e-6, "row %ld", i);
        check(!memcmp(g + i * ld + heads * d, dx + i * ld + heads * d, (size_t)d * 4), "row %ld",
              i);
    }
    mem_free(take(bw, d)), mem_free(take(br, 1)), mem_free(take(fx, n)), mem_free(take(fr, 1)),
        mem_free(take(fdy, n));
    mem_free(raw), mem_free(y), mem_free(want), mem_free(g), mem_free(gwant), mem_free(gw),
        mem_free(gwwant);
    mem_free(x), mem_free(w), mem_free(dx), mem_free(dw), mem_free(flat), mem_free(dflat),
        mem_free(zero);
}

static double silu(double g)
{
    return g / (1 + exp(-g));
}

static void swiglu(int64_t t, int64_t f)
{
    float *gu = random_new(2 * t * f, 1), *dy = random_new(t * f, 2), *y = ALLOC(float, t *f);
    for (int64_t i = 0; i < 2 * t * f; i++)
        gu[i] *= 4;
    float *d = ALLOC(float, 2 * t * f);
    buf_t bgu = put(gu, 2 * t * f), by = put(y, t * f), bdy = put(dy, t * f);
    ops->swiglu(by, bgu, t, f);
    ops->swiglu_back(bgu, bdy, bgu, t, f);
    for (int64_t i = 0; i < t; i++)
        for (int64_t j = 0; j < f; j++) {
            double g = gu[i * 2 * f + j], u = gu[i * 2 * f + f + j], h = 1e-4;
            y[i * f + j] = (float)(silu(g) * u);
            d[i * 2 * f + j] = (float)(dy[i * f + j] * u * (silu(g + h) - silu(g - h)) / (2 * h));
            d[i * 2 * f + f + j] = (float)(dy[i * f + j] * silu(g));
        }
    float *gy = take(by, t * f), *gd = take(bgu, 2 * t * f);
    check(test_distance(gy, y, t * f) < 1e-6);
    check(test_distance(gd, d, 2 * t * f) < 1e-6);
    mem_free(take(bdy, t * f));
    mem_free(gy), mem_free(gd), mem_free(gu), mem_free(dy), mem_free(y), mem_free(d);
}

/* Rows of stride ld; the inverse gives the input back; other columns stay. */
static void rope(int64_t t, int heads, int d)
{
    int64_t ld = (int64_t)heads * d + 5;
    float *x = random_new(t * ld, 1), *tab = ALLOC(float, 100 * d), *want = random_new(t * ld, 1);
    int32_t *pos = ALLOC(int32_t, t);
    for (int i = 0; i < 100; i++)
        for (int j = 0; j < d / 2; j++) {
            double a = i * pow(10000, -2.0 * j / d);
            tab[i * d + j] = (float)cos(a);
            tab[i * d + d / 2 + j] = (float)sin(a);
        }
    for (int64_t i = 0; i < t; i++) {
        pos[i] = (int32_t)(i * 37 % 100);
        for (int h = 0; h < heads; h++)
            for (int j = 0; j < d / 2; j++) {
                float *p = want + i * ld + h * d + j, u = p[0], v = p[d / 2];
                double c = tab[pos[i] * d + j], s = tab[pos[i] * d + d / 2 + j];
                p[0] = (float)(u * c - v * s);
                p[d / 2] = (float)(v * c + u * s);
            }
    }
    buf_t bx = put(x, t * ld), bp = put(pos, t), bt = put(tab, 100 * d);
    ops->rope(bx, bp, bt, t, ld, heads, d, 0);
    float *got = ALLOC(float, t *ld);
    ops->get(got, bx, (size_t)(t * ld) * 4);
    check(test_distance(got, want, t * ld) < 1e-6);
    ops->rope(bx, bp, bt, t, ld, heads, d, 1);
    float *back = take(bx, t * ld);
    check(test_distance(back, x, t * ld) < 1e-6);
    mem_free(take(bp, t)), mem_free(take(bt, 100 * d));
    mem_free(got), mem_free(back), mem_free(x), mem_free(tab), mem_free(want), mem_free(pos);
}

static void moves(int64_t c)
{
    enum { V = 11, T = 300 };
    float *table = random_new(V * c, 1), *dy = random_new(T * c, 2), *sum = random_new(V * c, 1);
    int32_t id[T], rows[3] = {7, 0, 4};
    for (int i = 0; i < T; i++) {
        id[i] = i * i % V;
        for (int64_t j = 0; j < c; j++)
            sum[id[i] * c + j] += dy[i * c + j];
    }
    buf_t bt = put(table, V * c), bid = put(id, T), by = put(dy, T * c), bdy = put(dy, T * c),
          br = put(rows, 3);
    pack_t *held = ops->pack_new(V, c);
    ops->pack_put(held, bt, F32, 0, V);
    ops->embed(by, held, bid, T);
    ops->pack_free(held);
    ops->embed_back(bt, bdy, bid, T, c, V);
    float *y = take(by, T * c), *d = take(bt, V * c);
    for (int i = 0; i < T; i++)
        check(!memcmp(y + i * c, table + id[i] * c, (size_t)c * 4));
    check(test_distance(d, sum, V * c) < 1e-5);
    buf_t three = put(y, 3 * c), page = put(table, V * c);
    ops->gather(three, bdy, br, 3, c);
    ops->scatter_add(page, three, br, 3, c);
    float *g = take(three, 3 * c), *p = take(page, V * c);
    for (int i = 0; i < 3; i++)
        for (int64_t j = 0; j < c; j++) {
            check(g[i * c + j] == dy[rows[i] * c + j]);
            check(p[rows[i] * c + j] == table[rows[i] * c + j] + dy[rows[i] * c + j]);
        }
    ops->add(bdy, bdy, T * c);
    ops->scale(bdy, 0.25f, T * c);
    float *half = take(bdy, T * c);
    for (int64_t i = 0; i < T * c; i++)
        check(half[i] == dy[i] / 2);
    mem_free(take(bid, T)), mem_free(take(br, 3));
    mem_free(table), mem_free(dy), mem_free(sum), mem_free(y), mem_free(d), mem_free(g),
        mem_free(p), mem_free(half);
}

static void adamw(int64_t n)
{
    float *p = random_new(n, 1), *m = random_new(n, 2), *v = random_new(n, 3),
          *g = random_new(n, 4);
    double sum = 0;
    for (int64_t i = 0; i < n; i++) {
        v[i] *= v[i];
        sum += (double)g[i] * g[i];
    }
    buf_t bp = put(p, n), bm = put(m, n), bv = put(v, n), bg = put(g, n);
    double got = ops->sumsq(bg, n);
    check(fabs(got - sum) <= 1e-12 * sum, "%g %g", got, sum);
    ops->adamw(bp, bm, bv, bg, n, 0.01f, 0.9f, 0.95f, 1e-8f, 0.1f, 0.3f, 0.2f, 0.5f);
    for (int64_t i = 0; i < n; i++) {
        double h = 0.5 * g[i], mi = 0.9 * m[i] + 0.1 * h, vi = 0.95 * v[i] + 0.05 * h * h;
        p[i] = (float)(p[i] - 0.01 * (mi / 0.3 / (sqrt(vi / 0.2) + 1e-8) + 0.1 * p[i]));
        m[i] = (float)mi, v[i] = (float)vi;
    }
    float *gp = take(bp, n), *gm = take(bm, n), *gv = take(bv, n), *gg = take(bg, n);
    check(test_distance(gp, p, n) < 1e-6 && test_distance(gm, m, n) < 1e-6 &&
          test_distance(gv, v, n) < 1e-6);
    mem_free(gp), mem_free(gm), mem_free(gv), mem_free(gg), mem_free(p), mem_free(m), mem_free(v),
        mem_free(g);
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    const char *name = getenv("ALETHEIA_BACKEND");
    ops = backend_open(name ? name : "cpu");
    rmsnorm(5, 3), rmsnorm(200, 192), rmsnorm(33, 151);
    headnorm(5, 3, 18), headnorm(70, 4, 128);
    swiglu(3, 5), swiglu(70, 512);
    rope(50, 3, 32), rope(7, 2, 10), rope(40, 14, 64);
    moves(6), moves(192), moves(65);
    adamw(1), adamw(4100), adamw(1 << 20 | 77);
    return test_end();
}
