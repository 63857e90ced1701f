// `compare` says of files what statsmodels and scipy say of the same answers (tests/data/statistics.ref); lists are
// paired by their content, in whatever order they stand and how often; and what cannot be compared is refused.
// RUN: np=1,3
#include "app.h"
#include "statistics.h"
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_LISTS = 200, MOST_K = 8, ARGUMENTS = 12 };

static const char *dir;

/* Files
   ---------------------------------------------------------------------- */

/* One verifier's answers: answer[list][sample], to lists in this order. */
typedef struct {
    int lists, k, imported;
    int n[MOST_LISTS], right[MOST_LISTS], answer[MOST_LISTS][MOST_K];
    int64_t id[MOST_LISTS];
} asked_of_t;

static const char *path_of(const char *name)
{
    static char path[8][160];
    static int next;
    char *p = path[next++ % 8];
    snprintf(p, sizeof path[0], "%s/%s", dir, name);
    return p;
}

static void write_eval(const char *name, const char *suite, const asked_of_t *v)
{
    if (group_rank(comm_world()))
        return;
    answer_t *a = ALLOC(answer_t, v->lists * v->k + 1);
    numbers_t numbers = {0};
    for (int i = 0; i < v->lists * v->k; i++) {
        int l = i / v->k, said = v->answer[l][i % v->k];
        a[i] = (answer_t){.list = l,
                          .id = v->id[l],
                          .n = v->n[l],
                          .k = i % v->k,
                          .answer = said,
                          .right = v->right[l],
                          .parsed = said >= 0,
                          .length = 3};
    }
    if (v->imported)
        number_add(&numbers,
                   (number_t){"imported_lists", "all", "", v->lists, v->imported, NAN, NAN, NAN});
    eval_rows_t rows = {.answer = a, .n_answer = v->lists * v->k, .numbers = &numbers};
    eval_write(NULL, path_of(name), NULL, suite, (hash_t){1, 2}, &rows);
    mem_free(a);
    mem_free(numbers.row);
}

/* Four lists of three, right on the first `hits`. */
static asked_of_t simple(int lists, int k, int hits)
{
    asked_of_t v = {.lists = lists, .k = k};
    for (int i = 0; i < lists; i++) {
        v.n[i] = 3;
        v.right[i] = i % 3;
        v.id[i] = 1000 - 7 * i;
        for (int s = 0; s < k; s++)
            v.answer[i][s] = i < hits ? i % 3 : (i + 1) % 3;
    }
    return v;
}

/* Calling
   ---------------------------------------------------------------------- */

static call_t call_of(char **word, const char *line)
{
    static char text[8][400];
    static int next;
    char *s = text[next++ % 8], *save;
    call_t c = {.argv = word};
    snprintf(s, sizeof text[0], "%s", line);
    for (char *w = strtok_r(s, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
        ASSERT(c.argc < ARGUMENTS);
        word[c.argc++] =
            strstr(w, ".h5") || w[0] == '@' ? (char *)(uintptr_t)path_of(w + (w[0] == '@')) : w;
    }
    return c;
}

/* What it prints; the caller's. */
static text_t said(const char *line)
{
    char *word[ARGUMENTS];
    text_t out = {0};
    call_t c = call_of(word, line);
    const char *file = path_of("out");
    fflush(stdout);
    int keep = dup(1);
    if (group_rank(comm_world()) == 0)
        ASSERT(freopen(file, "w", stdout));
    check(verb_compare(&c) == CODE_DONE);
    fflush(stdout);
    dup2(keep, 1);
    close(keep);
    if (group_rank(comm_world()) == 0)
        ASSERT(!text_read_file(&out, file));
    text_add(&out, "");
    return out;
}

/* The number of KEY=... on RESULT line `row`. */
static double result(const char *out, int row, const char *key)
{
    char pattern[40];
    const char *line = strstr(out, "RESULT");
    snprintf(pattern, sizeof pattern, " %s=", key);
    for (; line && row--; line = strstr(line + 1, "RESULT"))
        ;
    const char *at = line ? strstr(line, pattern) : NULL;
    return at ? strtod(at + strlen(pattern), NULL) : -99;
}

static int count(const char *text, const char *part)
{
    int n = 0;
    for (; (text = strstr(text, part)); text++)
        n++;
    return n;
}

static void run_line(void *line)
{
    char *word[ARGUMENTS];
    call_t c = call_of(word, line);
    verb_compare(&c);
}

static void refused(int line, int code, const char *words, const char *part)
{
    if (group_rank(comm_world()) == 0)
        test_fails_at(line, words, code, run_line, (void *)(uintptr_t)words, part);
}

/* What is found
   ---------------------------------------------------------------------- */

/* A line of the reference: each verifier's file has the lists in another order. */
static int reference_files;
static void reference_line(const double *x, int n)
{
    int lists = (int)x[0], k = (int)x[1], verifiers = (int)x[2], row = 2 + verifiers * k, pair = 0;
    char name[40], line[200] = "";
    for (int v = 0; v < verifiers; v++) {
        asked_of_t a = {.lists = lists, .k = k};
        for (int i = 0; i < lists; i++) {
            int at = (i * 7 + v * 11) % lists;
            const double *from = x + 3 + i * row;
            a.n[at] = (int)from[0];
            a.right[at] = (int)from[1];
            a.id[at] = (int64_t)i * i * 1000003 - 5000000;
            for (int s = 0; s < k; s++)
                a.answer[at][s] = (int)from[2 + v * k + s];
        }
        snprintf(name, sizeof name, "ref-%d-%d.h5", reference_files, v);
        write_eval(name, "heldout", &a);
        snprintf(line + strlen(line), sizeof line - strlen(line), "%s ", name);
    }
    reference_files++;
    text_t out = said(line);
    const double *mean = x + 3 + lists * row, *y = mean + verifiers;
    check(n == 3 + lists * row + verifiers + 7 * (verifiers * (verifiers - 1) / 2));
    for (int a = 0; a < verifiers && group_rank(comm_world()) == 0; a++)
        for (int b = a + 1; b < verifiers; b++, pair++, y += 7) {
            const char *const key[] = {"a", "b", "diff", "only_a", "only_b", "p", "holm"};
            double want[] = {mean[a], mean[b], y[0], y[3], y[4], y[5], y[6]};
            for (int i = 0; i < 7; i++)
                check(fabs(result(out.s, pair, key[i]) - want[i]) <= fmax(6e-5, want[i] * 1e-5) &&
                          want[i] > -99,
                      "pair %d, %s: %g for %g", pair, key[i], result(out.s, pair, key[i]), want[i]);
            check(fabs(result(out.s, pair, "lo") - y[1]) < 0.021 &&
                  fabs(result(out.s, pair, "hi") - y[2]) < 0.021);
            check(result(out.s, pair, "lists") == lists && result(out.s, pair, "samples") == k);
        }
    if (group_rank(comm_world()) == 0)
        check(count(out.s, "RESULT") == pair && !strstr(out.s, "nan"), "%s", out.s);
    text_reset(&out);
}

#define HAS(part) check(group_rank(comm_world()) || strstr(out.s, part), "%s\n%s", part, out.s)

static void words(void)
{
    asked_of_t a = simple(12, 2, 12), b = simple(12, 2, 2), c = simple(3, 2, 1),
               twice = simple(12, 2, 12);
    for (int i = 0; i < 12; i++)
        b.answer[i][1] = i < 2 ? b.answer[i][1] : -1;
    b.imported = 4;
    write_eval("a.h5", "heldout", &a);
    write_eval("b.h5", "heldout", &b);
    write_eval("few.h5", "heldout", &c);
    text_t out = said("a.h5 b.h5");
    HAS("heldout, 12 lists, 2 answers to each\n");
    HAS("B: labels of 4 lists are IMPORTED");
    HAS("A is better");
    HAS("only_a=10 only_b=0 p=0.00195312 holm=0.00195312 verdict=a labels=imported imported=4\n");
    text_reset(&out);
    out = said("few.h5 few.h5");
    HAS("too few lists for an interval: 3, where at least 5 are needed");
    HAS("A and B are the same: ");
    HAS("a=0.3333 b=0.3333 diff=0.0000 lo=nan hi=nan only_a=0 only_b=0 p=1 holm=1 verdict=none");
    HAS("+0.000 -  ");
    text_reset(&out);
    c = simple(1, 1, 1);
    write_eval("one.h5", "heldout", &c); /* one answer in all */
    out = said("one.h5 a.h5 --common --samples 1");
    HAS("B: 11 further lists, which not all have, are left out");
    HAS("lists=1 samples=1 a=1.0000 b=1.0000");
    text_reset(&out);
    for (int i = 0; i < 12; i++)
        b.answer[i][0] = b.answer[i][1] = -1;
    write_eval("never.h5", "heldout", &b);
    out = said("a.h5 never.h5");
    HAS("B: none of its answers could be parsed: all of them count as wrong");
    HAS(" b=0.0000 diff=1.0000 lo=1.0000 hi=1.0000 only_a=12 only_b=0");
    HAS("  B  0.000 [0.000, 0.000]     0.000   0.000   ");
    text_reset(&out);

    /* Lists that are alike: the first with the first.  Paired otherwise only_a would not be 0. */
    for (int i = 0; i < 12; i++)
        twice.id[i] = i < 6 ? 5 : 9;
    b = twice;
    for (int i = 0; i < 12; i += 2)
        b.answer[i][0] = b.answer[i][1] = -1;
    write_eval("twice.h5", "heldout", &twice);
    write_eval("half.h5", "heldout", &b);
    out = said("half.h5 half.h5");
    HAS("diff=0.0000 lo=0.0000 hi=0.0000 only_a=0 only_b=0");
    text_reset(&out);
    out = said("twice.h5 half.h5");
    HAS("lists=12 samples=2 a=1.0000 b=0.5000 diff=0.5000");
    HAS("only_a=6 only_b=0");
    text_reset(&out);
}

static void measures(void)
{
    asked_of_t a = simple(10, 3, 0), b = simple(10, 3, 10);
    for (int i = 0; i < 10; i++) {
        a.answer[i][0] =
            a.right[i]; /* one of three is right: passes, votes for nobody or the wrong one */
        a.answer[i][1] = i < 5 ? -1 : a.answer[i][1];
    }
    write_eval("a.h5", "heldout", &a);
    write_eval("b.h5", "heldout", &b);
    const char *const line[] = {"a.h5 b.h5", "a.h5 --measure vote b.h5", "--measure pass a.h5 b.h5",
                                "a.h5 b.h5 --samples 1"};
    const double mean[] = {1.0 / 3, 0, 1, 1}, only_b[] = {10, 10, 0, 0};
    for (int i = 0; i < 4; i++) {
        text_t out = said(line[i]);
        if (group_rank(comm_world()) == 0)
            check(fabs(result(out.s, 0, "a") - mean[i]) < 1e-4 &&
                      result(out.s, 0, "only_b") == only_b[i] && result(out.s, 0, "b") == 1,
                  "%s: %s", line[i], out.s);
        text_reset(&out);
    }
}

/* Folders are compared suite by suite; Holm counts all pairs. */
static void folders(void)
{
    asked_of_t a = simple(20, 1, 18), b = simple(20, 1, 12), c = simple(20, 1, 4);
    if (group_rank(comm_world()) == 0)
        ASSERT(!mkdir(path_of("x"), 0777) && !mkdir(path_of("y"), 0777) &&
               !mkdir(path_of("empty"), 0777));
    write_eval("x/heldout.h5", "heldout", &a);
    write_eval("y/heldout.h5", "heldout", &b);
    write_eval("x/hard.h5", "hard", &b);
    write_eval("y/hard.h5", "hard", &c);
    write_eval("y/adv.h5", "adv", &c);
    if (group_rank(comm_world()) == 0) { /* another kind of ours beside them */
        h5_t *f = h5_create(NULL, path_of("x/run.h5"), "metrics", 1, NULL);
        h5_commit(f);
    }
    text_t out = said("@x @y");
    HAS("adv is in B alone: left out");
    HAS("Holm p: over the 2 pairs of this call");
    HAS("RESULT pair=A-B suite=hard measure=listacc lists=20 samples=1 a=0.6000 b=0.2000");
    HAS("only_a=8 only_b=0 p=0.0078125 holm=0.015625 verdict=a");
    HAS("only_a=6 only_b=0 p=0.03125 holm=0.03125 verdict=a");
    if (group_rank(comm_world()) == 0)
        check(count(out.s, "RESULT") == 2);
    text_reset(&out);
    out = said("@y @x --suite heldout");
    HAS("only_a=0 only_b=6 p=0.03125 holm=0.03125 verdict=b");
    HAS("B is better");
    text_reset(&out);
    write_eval("y/copy.h5", "hard", &c);
    refused(__LINE__, CODE_DATA, "@x @y", "are both of suite hard");
    refused(__LINE__, CODE_DATA, "@x @empty", "no evaluation in this folder");
    refused(__LINE__, CODE_DATA, "@x x/run.h5", "is no evaluation: expected a file that");
}

static void choices(void)
{
    chosen_t a[40] = {0}, b[40] = {0};
    int n = 0;
    for (int p = 0; p < 10; p++)
        for (int size = 1; size <= 8; size *= 2, n++) {
            a[n] = (chosen_t){.problem = p, .id = 77 * p, .n = size, .right = p < 7, .asked = 1};
            b[n] = (chosen_t){.problem = p,
                              .id = 77 * p,
                              .n = size,
                              .right = size < 8 || p < 2,
                              .asked = 1};
        }
    if (group_rank(comm_world()) == 0) {
        select_write(NULL, path_of("s.h5"), NULL, "heldout", (hash_t){1, 2}, a, n, &(numbers_t){0});
        select_write(NULL, path_of("t.h5"), NULL, "heldout", (hash_t){1, 2}, b, n, &(numbers_t){0});
        for (int i = 0; i < n; i++)
            if (b[i].n == 8)
                b[i].n = 16;
        select_write(NULL, path_of("u.h5"), NULL, "heldout", (hash_t){1, 2}, b, n, &(numbers_t){0});
        for (int i = 0; i < n; i++)
            b[i].n = 3;
        select_write(NULL, path_of("v.h5"), NULL, "heldout", (hash_t){1, 2}, b, n, &(numbers_t){0});
    }
    text_t out = said("s.h5 t.h5");
    HAS("choices of heldout, 10 problems, each among 8 programs");
    HAS("a=0.7000 b=0.2000 diff=0.5000");
    HAS("only_a=5 only_b=0 p=0.0625 holm=0.0625 verdict=none programs=8");
    text_reset(&out);
    out = said("s.h5 u.h5");
    HAS("each among 4 programs");
    text_reset(&out);
    refused(__LINE__, CODE_DATA, "s.h5 v.h5", "never chose among equally many programs");
    refused(__LINE__, CODE_USAGE, "s.h5 t.h5 --samples 2", "there is one a problem");
    refused(__LINE__, CODE_DATA, "s.h5 a.h5", "no other one has a suite that it has");
}

static void refusals(void)
{
    asked_of_t a = simple(12, 4, 6), b = simple(12, 1, 6), c = simple(12, 4, 6),
               d = simple(12, 4, 6);
    for (int i = 0; i < 12; i++) {
        c.id[i] = i;
        d.id[i] -= i >= 9;
    }
    write_eval("four.h5", "heldout", &a);
    write_eval("single.h5", "heldout", &b);
    write_eval("others.h5", "heldout", &c);
    write_eval("some.h5", "heldout", &d);
    write_eval("strong.h5", "strong", &a);
    refused(__LINE__, CODE_USAGE, "", "two or more files or folders were expected");
    refused(__LINE__, CODE_USAGE, "four.h5", "one file has nothing to compare");
    refused(__LINE__, CODE_USAGE, "four.h5 four.h5 --sample 1", "no option --sample");
    refused(__LINE__, CODE_USAGE, "four.h5 four.h5 --samples", "--samples needs a value");
    refused(__LINE__, CODE_USAGE, "four.h5 four.h5 --samples 0",
            "expected a number of answers from 1");
    refused(__LINE__, CODE_USAGE, "four.h5 four.h5 --measure acc",
            "expected listacc, vote or pass");
    refused(__LINE__, CODE_USAGE, "four.h5 four.h5 --suite hard", "there is no such suite");
    refused(__LINE__, CODE_USAGE, "four.h5 some.h5 --samples 5",
            "has 4 answers to each list; at most so many");
    refused(__LINE__, CODE_DATA, "four.h5 none.h5", "none.h5");
    refused(__LINE__, CODE_DATA, "four.h5 single.h5",
            "K = 1: name --samples 1 to compare the first 1 of each");
    refused(__LINE__, CODE_DATA, "four.h5 others.h5", "none of them in common");
    refused(__LINE__, CODE_DATA, "four.h5 some.h5", "9 are in both; name --common");
    refused(__LINE__, CODE_DATA, "four.h5 some.h5 four.h5", "9 are in all of them; name --common");
    refused(__LINE__, CODE_DATA, "four.h5 strong.h5", "no other one has a suite that it has");
    refused(__LINE__, CODE_DATA, "four.h5 four.h5 strong.h5", "strong.h5: no other one has");
    text_t out = said("four.h5 some.h5 --common");
    HAS("lists=9 samples=4 a=0.6667 b=0.6667");
    HAS("A: 3 further lists");
    text_reset(&out);
    out = said("four.h5 single.h5 --samples 1");
    HAS("lists=12 samples=1");
    text_reset(&out);
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    dir = getenv("TEST_TMP") ? getenv("TEST_TMP") : ".";
    check(reference("compare", reference_line) == 3);
    words();
    measures();
    folders();
    choices();
    refusals();
    return test_end();
}
