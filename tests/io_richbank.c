// What not every problem file has comes back as it was: any bytes, several right outputs,
// tolerances, harnesses, what checkers said.
// RUN: np=1,2
#include "io_child.h"
#include "io.h"

/* Four problems; `what`: 1 bytes, 2 compare, 4 harness, 8 accepts, 16 words. */
static bank_t make(int what)
{
    bank_t b = {0};
    for (int i = 0; i < 4; i++) {
        problem_t p = {.id = {1, (uint64_t)i},
                       .family = mem_text("imported"),
                       .statement = mem_text("s"),
                       .time_ms = 1000,
                       .memory_kb = 65536,
                       .test = b.n_test,
                       .tests = 2,
                       .example = mem_text(""),
                       .checker = mem_text(i == 3 ? "c" : ""),
                       .harness = mem_text(what & 4 && i == 1 ? "main" : ""),
                       .harness_lang = what & 4 && i == 1 ? LANG_CPP : LANG_PYTHON};
        if (what & 2 && i == 2)
            p.compare = (compare_t){1e-3, -1, 1, 0};
        if (what & 2 && i == 0)
            p.compare.spaces = 1;
        PUSH(b.problem, b.n_problem, b.cap_problem, p);
        for (int t = 0; t < 2; t++) {
            test_t one = {.problem = i,
                          .check = i == 3 ? CHECK_KATTIS : CHECK_TOKENS,
                          .n_input = 3,
                          .n_output = 3};
            one.input = bank_text(what & 1 ? "\0a\0" : "xay", 3);
            one.output = i == 2 && t ? NULL : bank_text(what & 1 ? "\0\xff\0" : "abc", 3);
            if (!one.output)
                one.n_output = 0;
            if (what & 8 && (i + t) % 2) {
                one.accept = b.n_accept, one.accepts = i + 1;
                for (int k = 0; k <= i; k++)
                    PUSH(b.accept, b.n_accept, b.cap_accept,
                         ((accepted_t){b.n_test,
                                       bank_text(what & 1 ? "\0o" : "no", (size_t)(k % 3)),
                                       (size_t)(k % 3)}));
            }
            PUSH(b.test, b.n_test, b.cap_test, one);
        }
        for (int k = 0; k < 2; k++) {
            program_t r = {.id = {2, (uint64_t)(2 * i + k)},
                           .problem = i,
                           .lang = LANG_CPP,
                           .pool = k ? POOL_IMPORTED : POOL_REFERENCE,
                           .source = bank_text(what & 1 ? "p\0q" : "pxq", 3),
                           .origin = mem_text(k ? "a/2" : "a/1"),
                           .core = mem_text(""),
                           .walk = mem_text(""),
                           .pass_rate = NAN,
                           .n_source = 3};
            PUSH(b.program, b.n_program, b.cap_program, r);
            for (int t = 0; t < 2; t++) {
                verdict_t v = {.program = 2 * i + k,
                               .test = 2 * i + t,
                               .verdict = k && t ? V_CHECKER_FAULT
                                          : t    ? V_WRONG_ANSWER
                                                 : V_ACCEPTED,
                               .mode = IN_RLIMITS,
                               .time_us = 5,
                               .memory_kb = 6,
                               .key = {3, (uint64_t)(4 * i + 2 * k + t)}};
                if (what & 16)
                    v.scored = t, v.score = t ? -0.5 : 0, v.message = t ? mem_text("why\n") : NULL;
                PUSH(b.verdict, b.n_verdict, b.cap_verdict, v);
            }
        }
    }
    bank_rates(&b);
    return b;
}

static int64_t version_of(const char *path)
{
    int64_t v = 0;
    h5_t *f = h5_open(NULL, path, "problems", 99);
    h5_get_int(f, "/", "version", &v);
    h5_close(f);
    return v;
}

static void same(const bank_t *a, const bank_t *b, int what)
{
    check(hash_equal(bank_hash(a), bank_hash(b)) && bank_same(a, b), "%d: content differs", what);
    for (int i = 0; i < a->n_test; i++) {
        const test_t *x = &a->test[i], *y = &b->test[i];
        check(x->n_input == y->n_input && !memcmp(x->input, y->input, x->n_input + 1) &&
                  x->n_output == y->n_output,
              "%d: test %d", what, i);
        check(x->accepts == y->accepts && (!x->accepts || x->accept == y->accept), "%d: test %d",
              what, i);
    }
    for (int i = 0; i < a->n_verdict; i++) {
        const verdict_t *x = &a->verdict[i], *y = &b->verdict[i];
        check(x->scored == y->scored && x->score == y->score && !x->message == !y->message &&
                  (!x->message || !strcmp(x->message, y->message)),
              "%d: verdict %d", what, i);
    }
}

/* Each feature alone and all together, in whole and in pieces; every one changes the hash, and
   bank_same sees those of problems and tests. */
static void round_trips(group_t *g, const char *path)
{
    bank_t plain = make(0), b, c;
    for (int what = 0; what < 32; what++) {
        b = make(what);
        bank_write(g, &b, path, NULL);
        bank_read(g, &c, path);
        same(&b, &c, what);
        check(version_of(path) == (what & 14 ? 3 : 1), "%d: version %d", what,
              (int)version_of(path));
        check(hash_equal(bank_hash(&b), bank_hash(&plain)) == !what, "%d: hash", what);
        check(bank_same(&b, &plain) == !(what & 15), "%d: alike", what);
        bank_free(&c);
        comm_barrier(g);
        if (group_rank(g) == 0) {
            bank_out_t *o = bank_create(path, NULL, 0);
            bank_append(o, &(bank_t){0});
            c = make(what);
            bank_append(o, &c);
            bank_free(&c);
            bank_commit(o);
            bank_read(NULL, &c, path);
            same(&b, &c, what);
            check(version_of(path) == (what & 14 ? 3 : 1), "%d: version of pieces", what);
            bank_free(&c);
        }
        comm_barrier(g);
        bank_free(&b);
    }
    bank_free(&plain);
}

/* Two pieces: what the second one refers to goes behind the first. */
static void pieces(const char *path)
{
    bank_t a = make(31), b = make(31), c;
    bank_out_t *o = bank_create(path, NULL, 0);
    bank_append(o, &a);
    bank_append(o, &b);
    bank_commit(o);
    bank_read(NULL, &c, path);
    check(c.n_accept == 2 * a.n_accept && c.n_test == 16);
    for (int i = 0; i < 8; i++)
        check(c.test[8 + i].accepts == c.test[i].accepts &&
              (!c.test[i].accepts || c.test[8 + i].accept == c.test[i].accept + a.n_accept));
    bank_free(&a);
    bank_free(&b);
    bank_free(&c);
}

/* Without some problems what is left is as if the others had never been. */
static void without(void)
{
    for (int mask = 0; mask < 16; mask++) {
        bank_t b = make(15), whole = make(15);
        char drop[4];
        text_t why = {0};
        int left = 0, at = 0;
        for (int i = 0; i < b.n_verdict; i++)
            mem_free(b.verdict[i].message);
        b.n_verdict = 0;
        bank_rates(&b);
        for (int i = 0; i < 4; i++)
            drop[i] = (char)(mask >> i & 1), left += !drop[i];
        bank_without(&b, drop);
        check(b.n_problem == left && b.n_test == 2 * left && b.n_program == 2 * left &&
                  !bank_check(&b, &why),
              "%d: %s", mask, why.s ? why.s : "");
        for (int i = 0; i < 4; i++) {
            if (drop[i])
                continue;
            check(b.problem[at].id.hi == (uint64_t)i && b.problem[at].test == 2 * at &&
                  b.program[2 * at + 1].id.hi == (uint64_t)(2 * i + 1));
            for (int t = 0; t < 2; t++) {
                const test_t *x = &b.test[2 * at + t], *y = &whole.test[2 * i + t];
                check(x->problem == at && x->accepts == y->accepts);
                for (int k = 0; k < x->accepts; k++)
                    check(b.accept[x->accept + k].test == 2 * at + t &&
                          b.accept[x->accept + k].n_output == whole.accept[y->accept + k].n_output);
            }
            at++;
        }
        text_reset(&why);
        bank_free(&b);
        bank_free(&whole);
    }
}

/* A checker's fault says nothing of the program. */
static void rates(void)
{
    bank_t b = make(0);
    check(b.program[0].pass_rate == 0.5f && isnan(b.program[1].pass_rate) &&
          !verdict_says(V_CHECKER_FAULT) && verdict_says(V_WRONG_ANSWER));
    b.problem[1].compare.nocase = 2;
    text_t why = {0};
    check(bank_check(&b, &why) && strstr(why.s, "problem 1: tolerances"), "%s", why.s ? why.s : "");
    text_reset(&why);
    bank_free(&b);
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    group_t *g = comm_world();
    char *dir = child_folder("rich"), path[600];
    snprintf(path, sizeof path, "%s/problems.h5", dir);
    round_trips(g, path);
    if (group_rank(g) == 0)
        pieces(path);
    without();
    rates();
    comm_barrier(g);
    child_folder_remove(dir);
    return test_end();
}
