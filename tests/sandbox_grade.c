// A bank gets the same verdicts on any number of ranks and graders, at once or in the background.
// RUN: np=1,2,4
#include "test.h"
#include "sandbox_sums.h"

enum { PROBLEMS = 4, TESTS = 4 };

static const char *const good[] =
    {"a, b = map(int, input().split())\nprint(a + b * %d)\n",
     "#include <stdio.h>\nint main(void) { int a, b; scanf(\"%%d %%d\", &a, &b); "
     "printf(\"%%d\\n\", a + b * %d); }\n"};
static const char *const other[] = {
    "a, b = map(int, input().split())\nprint(a + b * %d if a %% 2 else 0)\n", /* half right */
    "print(input(\n",                                                         /* not Python */
    /* right, fails once */
    "a, b = map(int, input().split())\nprint(a + b * %d)\nraise SystemExit(a == 2)\n",
    "while True: pass\n#%d",
};

static bank_t make(void)
{
    bank_t b = {0};
    for (int i = 0; i < PROBLEMS; i++) {
        sums_problem(&b, i, TESTS, 100);
        sums_program(&b, i, LANG_PYTHON, POOL_REFERENCE, good[0]);
        sums_program(&b, i, LANG_C, POOL_REFERENCE, good[1]);
        for (int k = 0; k < (i ? 3 : 4); k++)
            sums_program(&b, i, LANG_PYTHON, POOL_WEAK, other[k]);
    }
    return b;
}

static void check_bank(const bank_t *b)
{
    check(b->n_verdict == b->n_program * TESTS, "%d verdicts of %d programs", b->n_verdict,
          b->n_program);
    for (int i = 0; i < b->n_verdict; i++) {
        const verdict_t *v = &b->verdict[i];
        check(v->program == i / TESTS && v->test / TESTS == b->program[v->program].problem &&
              v->test % TESTS == i % TESTS && v->mode > IN_UNKNOWN);
    }
    for (int i = 0; i < b->n_program; i++) {
        int first = i ? b->program[i].problem == b->program[i - 1].problem : 0, k = i;
        while (k && b->program[k - 1].problem == b->program[i].problem)
            k--;
        static const float rate[] = {1, 1,     0.75f,
                                     0, 0.75f, 0}; /* a = 0: 0 is right for every rule */
        check(b->program[i].pass_rate == rate[i - k], "program %d: %g", i,
              (double)b->program[i].pass_rate);
        (void)first;
    }
    check(b->test[2 * TESTS + 3].output && !strcmp(b->test[2 * TESTS + 3].output, "30\n"), "%s",
          b->test[2 * TESTS + 3].output);
}

static hash_t verdicts(const bank_t *b)
{
    hash_t h = {0};
    for (int i = 0; i < b->n_verdict; i++) {
        h = hash_more(h, &b->verdict[i].verdict, sizeof b->verdict[i].verdict);
        h = hash_more(h, &b->verdict[i].key, sizeof(hash_t));
    }
    return h;
}

/* graders serve, everyone ends with the same bank. */
static hash_t foreground(keeper_t *k, int graders)
{
    bank_t b = make();
    limits_t l = limits_default();
    grading_t *g = grading_open(comm_world(), graders, k);
    if (strncmp(grading_mode(g), "namespaces", 10))
        test_skip(grading_mode(g));
    grading_bank(g, comm_world(), &b, &l, 0, 2, NULL, NULL);
    check(b.n_verdict > 0 && isnan(b.program[b.n_program - 1].pass_rate));
    grading_bank(g, comm_world(), &b, &l, 0, -1, NULL, NULL);
    grading_bank(g, comm_world(), &b, &l, 0, -1, NULL, NULL); /* nothing is left to do */
    check_bank(&b);
    grading_close(g);
    hash_t h = verdicts(&b), all[8] = {{0, 0}};
    comm_allgather(comm_world(), all, &h, sizeof h);
    for (int i = 0; i < group_size(comm_world()); i++)
        check(hash_equal(all[i], h), "rank %d has another bank", i);
    bank_free(&b);
    return h;
}

static hash_t background(keeper_t *k, int graders)
{
    bank_t b = make();
    limits_t l = limits_default();
    hash_t h = {0};
    grading_t *g = grading_open(comm_world(), graders, k);
    if (grading_is_grader(g)) {
        grading_serve(g);
    } else {
        char *want = ALLOC(char, b.n_program);
        memset(want, 1, (size_t)b.n_program - 1);
        grading_work_t *w = grading_bank_begin(g, &b, &l, 0, -1, want);
        double before = 0, now = 0;
        for (double start = clock_now(); clock_now() - start < 30 && now < 1; before = now) {
            now = grading_bank_poll(w);
            check(now >= before && now <= 1);
        }
        check(now == 1, "still at %g", now);
        grading_bank_finish(w, &b);
        check(isnan(b.program[b.n_program - 1].pass_rate));
        grading_bank_finish(grading_bank_begin(g, &b, &l, 0, -1, NULL), &b);
        check_bank(&b);
        h = verdicts(&b);
        grading_stats_t s = grading_stats(g);
        check(s.faults == 0 && s.runs > 0);
        mem_free(want);
    }
    grading_close(g);
    bank_free(&b);
    comm_bcast(comm_world(), &h, sizeof h, 0);
    return h;
}

/* Identical work is run once, and its answer given to all who asked. */
static void check_same_once(keeper_t *k)
{
    grading_t *g = grading_open(comm_world(), 0, k);
    const char *in = "1 2\n", *want = "3\n",
               *source = "a, b = map(int, input().split())\nprint(a + b)";
    size_t n_in = 4, n_want = 2;
    for (int i = 0; i < 20; i++) {
        job_t j = {.ticket = 100 + i,
                   .source = source,
                   .n_source = strlen(source),
                   .n_test = 1,
                   .input = &in,
                   .n_input = &n_in,
                   .expect = &want,
                   .n_expect = &n_want};
        grading_submit(g, &j);
    }
    int n = 0, sum = 0;
    while (grading_pending(g))
        for (done_t *d; (d = grading_poll(g)); done_free(d)) {
            check(d->outcome[0].verdict == V_ACCEPTED);
            sum += (int)d->ticket - 100;
            n++;
        }
    grading_stats_t s = grading_stats(g);
    check(n == 20 && sum == 190 && s.cached == 19 && s.runs == 1, "%d answers, %d cached, %d runs",
          n, (int)s.cached, (int)s.runs);
    grading_close(g);
}

int main(int argc, char **argv)
{
    keeper_t *k = keeper_start(1);
    test_begin(&argc, &argv);
    int size = group_size(comm_world());
    hash_t first = foreground(k, 0);
    check(hash_equal(first, background(k, 0)), "in the background other verdicts");
    check_same_once(k);
    for (int graders = 1; graders < size; graders += 2) {
        check(hash_equal(first, foreground(k, graders)), "%d graders: other verdicts", graders);
        check(hash_equal(first, background(k, graders)),
              "%d graders, in the background: other verdicts", graders);
    }
    keeper_stop(k);
    return test_end();
}
