// The suite hard has as many lists of 2, 3, 4 and 5 candidates, as many as its problems allow; how many
// rates a suite knows is arithmetic; candidates for it are drawn beside the others, which stay the same.
// RUN: np=1
// TIMEOUT: 120
#include "test.h"
#include "testbed/ast.h"

/* Problem p has rates[p] different pass rates in 0.7 to 0.9, some of them twice, and wrong programs
   outside of the range. */
static bank_t with_rates(const int *rates, int n)
{
    bank_t b = {0};
    for (int p = 0; p < n; p++) {
        problem_t q = {.split = SUITE_HELDOUT,
                       .family = mem_text("x"),
                       .statement = mem_text("x"),
                       .example = mem_text(""),
                       .time_ms = 1,
                       .memory_kb = 1};
        PUSH(b.problem, b.n_problem, b.cap_problem, q);
        for (int i = 0; i < 14; i++) {
            int hard = i - 4, wrong = i > 1;
            float rate = !wrong ? 1 : hard < 0 ? 0.4f : (14.0f + (float)(hard % 5)) / 20;
            if (hard >= 0 && hard % 5 >= rates[p])
                rate = i % 2 ? 0.3f : 0.95f;
            program_t r = {.problem = p,
                           .pool = i == 0   ? POOL_REFERENCE
                                   : i == 1 ? POOL_EQUIVALENT
                                            : POOL_WEAK,
                           .source = mem_text("x"),
                           .n_source = 1,
                           .origin = mem_text(""),
                           .core = mem_text(""),
                           .walk = mem_text(""),
                           .pass_rate = rate};
            PUSH(b.program, b.n_program, b.cap_program, r);
        }
    }
    return b;
}

/* The most lists of each length, by trying. */
static int most_lists(const int *rates, int n, int each)
{
    for (int m = n * each;; m--) {
        int fits = 1;
        for (int len = 2; len <= 5; len++) {
            int able = 0;
            for (int p = 0; p < n; p++)
                able += rates[p] + 1 >= len;
            fits &= m * (6 - len) <= able * each;
        }
        if (fits)
            return m;
    }
}

static void balanced(const int *rates, int n, int each)
{
    bank_t b = with_rates(rates, n);
    int length[6] = {0}, *of = ALLOC(int, n), able = 0, want = most_lists(rates, n, each);
    for (int p = 0; p < n; p++)
        able += rates[p] >= 4;
    int said = lists_make_balanced(&b, SUITE_HARD, each, 3);
    check(said == able);
    for (int i = 0; i < b.n_list; i++) {
        const list_t *l = &b.list[i];
        check(!list_check(&b, l) && l->suite == SUITE_HARD, "%s", list_check(&b, l));
        length[l->n]++, of[l->problem]++;
        check(!i || l->problem >= b.list[i - 1].problem, "order");
        for (int j = 0; j < i; j++)
            check(memcmp(l, &b.list[j], sizeof *l) != 0, "twice the same");
    }
    for (int len = 2; len <= 5; len++)
        check(length[len] == length[5] && (each == 1 ? length[5] == want : length[5] > 0.9 * want),
              "%d problems, %d each: %d lists of %d, not %d", n, each, length[len], len, want);
    for (int p = 0; p < n; p++)
        check(of[p] <= each);
    bank_t again = with_rates(rates, n);
    lists_make_balanced(&again, SUITE_HARD, each, 3);
    check(hash_equal(bank_hash(&again), bank_hash(&b)));
    bank_free(&again);
    bank_free(&b);
    mem_free(of);
}

static void balance(void)
{
    int few[40], some[200], plenty[60];
    for (int i = 0; i < 40; i++)
        few[i] = i < 3 ? 5 : i < 9 ? 3 : i < 20 ? 2 : i < 30; /* 3 lists of each */
    for (int i = 0; i < 200; i++)
        some[i] = (i * 7) % 6; /* 0 to 5, mixed */
    for (int i = 0; i < 60; i++)
        plenty[i] = 5;
    balanced(few, 40, 1), balanced(few, 40, 2);
    balanced(some, 200, 1), balanced(some, 200, 3);
    balanced(plenty, 60, 1), balanced(plenty, 60, 2);
    balanced((const int[]){4}, 1, 4);
    check(most_lists(few, 40, 1) == 3 && most_lists(plenty, 60, 1) == 15);

    /* one problem, one right program, one wrong one of each rate: there are 8 different lists of 2,
       fewer than it might give */
    bank_t b = with_rates((const int[]){4}, 1);
    int length[6] = {0};
    for (int i = 0; i < b.n_program; i++)
        if (i == 1 || i > 8)
            b.program[i].pass_rate = 0.3f;
    lists_make_balanced(&b, SUITE_HARD, 40, 3);
    for (int i = 0; i < b.n_list; i++)
        length[b.list[i].n]++;
    check(length[5] > 3 && length[5] <= 8 && length[2] == length[5] && length[3] == length[5] &&
              length[4] == length[5],
          "%d %d %d %d lists", length[2], length[3], length[4], length[5]);
    bank_free(&b);

    /* no list of 5: as other suites, all that there are */
    int short_[30];
    memset(length, 0, sizeof length);
    for (int i = 0; i < 30; i++)
        short_[i] = i % 4;
    b = with_rates(short_, 30);
    check(lists_make_balanced(&b, SUITE_HARD, 1, 3) == 0);
    for (int i = 0; i < b.n_list; i++)
        length[b.list[i].n]++;
    check(b.n_list == 22 && length[5] == 0 && length[4] > 0, "%d lists", b.n_list);
    bank_free(&b);
}

/* Rates k / T within the range, with whole numbers. */
static void rates(void)
{
    for (int t = 1; t <= 64; t++) {
        int hard = 0, easy = 0;
        for (int k = 0; k < t; k++)
            hard += 10 * k >= 7 * t && 10 * k <= 9 * t, easy += 2 * k <= t;
        check(lists_rates(SUITE_HARD, t) == hard && lists_rates(SUITE_TRAIN, t) == easy, "%d tests",
              t);
    }
    check(lists_rates(SUITE_HARD, 6) == 1 && lists_rates(SUITE_HARD, 17) == 4 &&
          lists_rates(SUITE_HARD, 20) == 5);
}

/* Candidates of that range: few problems lack them, and all else is drawn as without. */
static void drawn(lang_t lang)
{
    draw_t d = {.seed = 2,
                .count = 40,
                .split = SUITE_HELDOUT,
                .lang = lang,
                .difficulty = 1,
                .weak = 5,
                .strong = 2,
                .equivalents = 1,
                .tests = 20,
                .rewrite = 0.3,
                .families = "all"};
    bank_t a = {0}, b = {0};
    int more = 0, some = 0;
    for (int i = 0; i < d.count; i++)
        draw_problem(&a, &d, i);
    d.hard = 6;
    for (int i = 0; i < d.count; i++)
        draw_problem(&b, &d, i);
    for (int i = 0, k = 0; i < b.n_program; i++) {
        const program_t *p = &b.program[i], *q = k < a.n_program ? &a.program[k] : NULL;
        if (q && hash_equal(p->id, q->id) && p->problem == q->problem &&
            !strcmp(p->origin, q->origin)) {
            k++;
            continue;
        }
        more++;
        some += strstr(p->origin, "on some inputs") || strstr(p->origin, "clipped");
        check(p->pool == POOL_WEAK, "%s", p->origin);
    }
    check(b.n_program == a.n_program + more && more > 5 * d.count && more <= 6 * d.count &&
              some > more / 3,
          "%d more programs, %d of them wrong on some inputs", more, some);
    for (int i = 0; i < d.count; i++)
        check(hash_equal(a.problem[i].id, b.problem[i].id) &&
              !strcmp(a.problem[i].example, b.problem[i].example));
    bank_free(&a), bank_free(&b);
}

/* What interpretation foresees of them: rates in the range, and not one rate alone. */
static void foreseen(void)
{
    int used[MAX_TESTS + 1] = {0}, n, spread = 0;
    sketch_t *s = ALLOC(sketch_t, 1);
    mutant_t *m = ALLOC(mutant_t, MUTANTS);
    text_t in[20] = {0}, out[20] = {0}, core = {0};
    rng_t r = rng_make(1, RNG_PROBLEM, 77, 0);
    ast_begin(&s->ast);
    families[0].draw(s, &r, 0);
    core_text(&s->ast, &core);
    for (int i = 0; i < 20; i++) {
        inputs_draw(s, &r, 99, &in[i]);
        text_add(&out[i], "");
        interp_run(&s->ast, in[i].s, &out[i], NULL);
    }
    n = mutants_hard(s, core.s, &r, 10, 20, in, out, used, m);
    for (int i = 0; i < n; i++) {
        check(m[i].passes >= 14 && m[i].passes <= 18 && m[i].chosen, "passes %d", m[i].passes);
        check(strcmp(m[i].core.s, core.s) != 0);
    }
    for (int k = 0; k <= 20; k++) {
        spread += used[k] > 0;
        check(k >= 14 && k <= 18 ? used[k] <= 4 : !used[k]);
    }
    check(n == 10 && spread >= 4, "%d mutants of %d rates", n, spread);
    for (int i = 0; i < MUTANTS; i++)
        text_reset(&m[i].core);
    for (int i = 0; i < 20; i++)
        text_reset(&in[i]), text_reset(&out[i]);
    text_reset(&s->statement), text_reset(&core);
    mem_free(s), mem_free(m);
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    balance();
    rates();
    drawn(LANG_PYTHON);
    drawn(LANG_C);
    foreseen();
    return test_end();
}
