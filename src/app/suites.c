/* Lists of every suite that [problems] names, from executed programs.

   Before anything is executed: what adv needs is looked at (heldout beside it, a way to write
   comments in each language), and what the deck's numbers cannot give is said by arithmetic.  A list
   of n candidates needs n - 1 wrong ones of different pass rates; with T tests a suite's range holds
   so many k / T, and a problem has no more wrong programs than were drawn.

   After execution lists are made in two rounds.  First all suites but adv; then adv copies the lists
   of heldout, which makes programs that nobody has executed: these are executed like any other (what
   was executed before is known and costs nothing), and a list stays only where every edited program
   has the verdict of its original on every test.  Where that is stopped, there are no lists at all
   and the edited programs wait in the bank like others that are not executed yet: made again, the
   same edits find their rows.

   Every rank makes the same lists.  collective(world) where adv is asked for. */
#include "app.h"
#include <string.h>

static int asked(const deck_t *d, suite_t what)
{
    suite_t suite[SUITES];
    int n = suites_read(deck_text(d, "problems.suites"), suite), is = 0;
    for (int s = 0; s < n; s++)
        is |= suite[s] == what;
    return is;
}

void suites_check(const deck_t *d, const bank_t *b)
{
    comment_t comment[LANGS];
    if (!asked(d, SUITE_ADV))
        return;
    if (!asked(d, SUITE_HELDOUT))
        fail(CODE_USAGE,
             "problems.suites = %s: adv is made of the lists of heldout; name heldout too",
             deck_text(d, "problems.suites"));
    comments_read(comment, d);
    int lang = edits_refused(b, comment);
    const char *own = deck_text(d, "sandbox.languages");
    if (lang >= 0)
        fail(
            CODE_USAGE,
            "problems.suites = %s: adv edits comments, and how they are written in %s is not known: "
            "%s; add `comment = ...` to the row [%s] of %s (sandbox.languages), or leave adv out",
            deck_text(d, "problems.suites"), lang_names[lang],
            comment[lang].row ? "its row has no key `comment`" : "there is no such row",
            lang_names[lang], *own ? own : "a copy of input/languages.conf");
}

/* The least number of tests above `tests` with so many rates in the suite's range; 0: none. */
static int tests_for(suite_t suite, int rates, int tests)
{
    int most = 64;
    for (int t = tests + 1; t <= most; t++)
        if (lists_rates(suite, t) >= rates)
            return t;
    return 0;
}

static void say_limits(const deck_t *d, suite_t suite)
{
    int tests = (int)deck_int(d, "problems.tests"), rates = lists_rates(suite, tests);
    const char *key = suite == SUITE_STRONG ? "problems.strong" : "problems.weak";
    int programs = (int)deck_int(d, key);
    if (suite == SUITE_HARD)
        programs += (int)deck_int(d, "problems.hard");
    int by_tests = rates < 4 ? rates + 1 : 5, by_programs = programs < 4 ? programs + 1 : 5;
    int longest = by_tests < by_programs ? by_tests : by_programs;
    text_t t = {0};
    for (int n = by_tests + 1; n <= 5 && tests_for(suite, n - 1, tests); n++)
        text_addf(&t, "%s of %d need%s %d tests", t.len ? "," : "", n, t.len ? "" : " at least",
                  tests_for(suite, n - 1, tests));
    if (by_programs < 5)
        text_addf(&t, "%s of 5 need 4 wrong programs of each problem, %s%s = %d%s",
                  t.len ? ";" : "", key, suite == SUITE_HARD ? " and problems.hard together" : "",
                  programs, suite == SUITE_HARD ? " in its range" : "");
    if (longest < 5)
        log_warn("%s: with problems.tests = %d %s%s; lists%s", suite_names[suite], tests,
                 longest < 2    ? "there are no lists"
                 : longest == 2 ? "there are only lists of 2"
                                : "there are only lists of 2 to ",
                 longest > 2 ? (const char *[]){"3", "4"}[longest - 3] : "", t.s ? t.s : "");
    text_reset(&t);
}

void suites_say_limits(const deck_t *d)
{
    suite_t suite[SUITES];
    int n = suites_read(deck_text(d, "problems.suites"), suite);
    for (int s = 0; s < n; s++)
        if (suite[s] != SUITE_ADV &&
            deck_int(d, suite[s] == SUITE_TRAIN ? "problems.train" : "problems.heldout") > 0)
            say_limits(d, suite[s]);
}

static int make_suite(bank_t *b, const deck_t *d, suite_t suite)
{
    int train = suite == SUITE_TRAIN;
    int each = (int)deck_int(d, train ? "problems.lists" : "problems.suite_lists");
    uint64_t seed = (uint64_t)deck_int(d, "problems.seed");
    if (suite == SUITE_HARD)
        return lists_make_balanced(b, suite, each, seed);
    for (int p = 0; p < b->n_problem; p++)
        if (b->problem[p].split == (train ? SUITE_TRAIN : SUITE_HELDOUT))
            lists_make(b, p, suite, each, seed);
    return 0;
}

static void changed(void *ctx, int list, const char *why)
{
    int *said = ctx;
    if ((*said)++ < 3)
        log_warn("list %d of adv is dropped: %s", list, why);
}

/* The second round; 1: stopped. */
static int make_adv(bank_t *b, const deck_t *d, grading_t *g, group_t *world, made_lists_t *m)
{
    comment_t comment[LANGS];
    int said = 0;
    comments_read(comment, d);
    if (!edits_make(b, (uint64_t)deck_int(d, "problems.seed"), comment))
        return 0;
    bank_bads_t left = {0}; /* the first round named them */
    m->made = execute_bank(d, g, world, b, &left, 1);
    bank_bads_free(&left);
    if (!m->made.stopped)
        m->adv = edits_settle(b, changed, &said);
    return m->made.stopped;
}

made_lists_t problems_make_lists(bank_t *b, const deck_t *d, grading_t *g, group_t *world)
{
    made_lists_t m = {0};
    suite_t suite[SUITES];
    int n = suites_read(deck_text(d, "problems.suites"), suite);
    for (int s = 0; s < n; s++)
        if (suite[s] != SUITE_ADV)
            m.able += make_suite(b, d, suite[s]);
    if (asked(d, SUITE_ADV) && g && make_adv(b, d, g, world, &m))
        b->n_list = 0;
    for (int i = 0; i < b->n_list; i++) {
        const char *wrong = list_check(b, &b->list[i]);
        if (wrong)
            fail(CODE_FAULT, "list %d: %s", i, wrong);
    }
    return m;
}
