/* One line of the published schema: a list of candidates with what others measured.

       {"prompt_id": TEXT, "query": TEXT, "generator": TEXT, "language": NAME,
        "num_candidates": N, "candidates": [TEXT, ...], "chosen_position": K,
        "chosen_answer": TEXT, "pass_rates": [RATE, ...], "easy_hard": "easy" | "hard",
        "weak_strong": "weak" | "strong", "source": TEXT, "max_prompt_tokens": N,
        "idx": TEXT, "modification": TEXT}

   Needed are the first nine; easy_hard and weak_strong where the suite is not named
   otherwise; modification in, and only in, the suite adv.  The right candidate is said
   three times, and the three must agree: it is the only one whose pass rate is 1; it
   stands at chosen_position, counted from 0 or from 1 but in the same way in a whole
   file; and chosen_answer is its letter (A, or [[A]] as in the published files) or its
   text.  A list is also what its suite says: wrong candidates with pairwise distinct
   rates, at most 0.5 where they are easy, 0.7 to 0.9 where they are hard.

   What contradicts itself is refused with file, line and field. */
#include "import.h"
#include <string.h>

char *import_candidate(char out[2], int i)
{
    out[0] = (char)('A' + i), out[1] = 0;
    return out;
}

static void read_candidates(import_list_t *l, const field_t *f)
{
    const json_t *c = field_array(f, "candidates");
    size_t n = json_array_size(c);
    char a[2], b[2];
    if (n < 2 || n > 5)
        field_bad(f, "candidates", "%zu programs; 2 to 5 were expected", n);
    l->n = (int)n;
    for (int i = 0; i < l->n; i++) {
        const json_t *s = json_array_get(c, (size_t)i);
        if (!json_is_string(s) || strlen(json_string_value(s)) != json_string_length(s))
            field_bad(f, "candidates", "candidate %s: a text was expected%s",
                      import_candidate(a, i), json_is_string(s) ? ", without a NUL byte" : "");
        l->candidate[i] = json_string_value(s);
        for (int j = 0; j < i; j++)
            if (!strcmp(l->candidate[i], l->candidate[j]))
                field_bad(f, "candidates",
                          "%s and %s are the same program; different ones were expected",
                          import_candidate(a, j), import_candidate(b, i));
    }
    int64_t said = field_int(f, "num_candidates", 2, 5);
    if (said != l->n)
        field_bad(f, "num_candidates", "%lld, but there are %d candidates", (long long)said, l->n);
}

/* Exactly one passes everything: the answer. */
static void read_rates(import_list_t *l, const field_t *f)
{
    const json_t *r = field_array(f, "pass_rates");
    char a[2], b[2];
    l->answer = -1;
    if (json_array_size(r) != (size_t)l->n)
        field_bad(f, "pass_rates", "%zu numbers; %d were expected, one for each candidate",
                  json_array_size(r), l->n);
    for (int i = 0; i < l->n; i++) {
        const json_t *x = json_array_get(r, (size_t)i);
        if (!json_is_number(x))
            field_bad(f, "pass_rates", "that of candidate %s: a number was expected",
                      import_candidate(a, i));
        l->rate[i] = json_number_value(x);
        if (!(l->rate[i] >= 0 && l->rate[i] <= 1))
            field_bad(f, "pass_rates", "that of candidate %s, %g, is outside 0 to 1",
                      import_candidate(a, i), l->rate[i]);
        if (l->rate[i] == 1 && l->answer >= 0)
            field_bad(f, "pass_rates",
                      "candidates %s and %s both have 1; exactly one was expected to pass "
                      "every test",
                      import_candidate(a, l->answer), import_candidate(b, i));
        if (l->rate[i] == 1)
            l->answer = i;
        for (int j = 0; j < i; j++)
            if ((float)l->rate[i] == (float)l->rate[j])
                field_bad(f, "pass_rates",
                          "the wrong candidates %s and %s both have %g; distinct ones were "
                          "expected",
                          import_candidate(a, j), import_candidate(b, i), l->rate[i]);
    }
    if (l->answer < 0)
        field_bad(f, "pass_rates",
                  "no candidate has 1; exactly one was expected to pass every test");
}

static void check_position(const import_list_t *l, const field_t *f, int *base)
{
    char a[2];
    int64_t k = field_int(f, "chosen_position", 0, l->n);
    int mask = k == l->answer ? 1 : k == l->answer + 1 ? 2 : 0;
    if (!mask)
        field_bad(f, "chosen_position",
                  "%lld, but by pass_rates candidate %s is the right one: %d counted "
                  "from 0, %d from 1",
                  (long long)k, import_candidate(a, l->answer), l->answer, l->answer + 1);
    if (!(*base & mask))
        field_bad(f, "chosen_position",
                  "%lld for candidate %s counts from %d, but earlier lines of this "
                  "file count from %d",
                  (long long)k, import_candidate(a, l->answer), mask == 2, mask == 1);
    *base &= mask;
}

/* A or [[A]], or the text of the candidate itself. */
static void check_answer(const import_list_t *l, const field_t *f)
{
    const char *s = field_text(f, "chosen_answer");
    size_t n = strlen(s), from = n > 4 && !strncmp(s, "[[", 2) && !strcmp(s + n - 2, "]]") ? 2 : 0;
    int said = n - 2 * from == 1 && s[from] >= 'A' && s[from] < 'A' + l->n ? s[from] - 'A' : -1;
    char a[2], b[2];
    for (int i = 0; i < l->n && said < 0; i++)
        if (!strcmp(s, l->candidate[i]))
            said = i;
    if (said < 0)
        field_bad(f, "chosen_answer",
                  "\"%.40s\" is neither a letter A to %s nor the text of a candidate", s,
                  import_candidate(a, l->n - 1));
    if (said != l->answer)
        field_bad(f, "chosen_answer",
                  "candidate %s, but by pass_rates and chosen_position it is %s",
                  import_candidate(a, said), import_candidate(b, l->answer));
}

/* What the line says of itself: 0 or 1, or -1 where it says nothing. */
static int either(const field_t *f, const char *key, const char *zero, const char *one, int needed)
{
    const char *s = needed ? field_text(f, key) : field_text_or(f, key, NULL);
    if (s && strcmp(s, zero) && strcmp(s, one))
        field_bad(f, key, "\"%.40s\"; %s or %s was expected", s, zero, one);
    return s ? !strcmp(s, one) : -1;
}

static void check_suite(import_list_t *l, const field_t *f, suite_t suite)
{
    static const int hard_in[SUITES] = {0, 0, 0, 1, -1, -1},
                     strong_in[SUITES] = {0, 0, 1, 0, -1, -1};
    int hard = either(f, "easy_hard", "easy", "hard", suite == SUITES);
    int strong = either(f, "weak_strong", "weak", "strong", suite == SUITES);
    int adv = *l->modification != 0;
    l->suite = suite;
    if (suite == SUITES && adv)
        l->suite = SUITE_ADV;
    else if (suite == SUITES && hard && strong)
        field_bad(f, "easy_hard", "hard, and weak_strong is strong: no suite has such lists");
    else if (suite == SUITES && !hard && !strong)
        field_bad(f, "easy_hard",
                  "easy, and weak_strong is weak: such lists are of the train suite or of "
                  "heldout; say which: import.suite, or train:FILE in import.in");
    else if (suite == SUITES)
        l->suite = hard ? SUITE_HARD : SUITE_STRONG;
    int h = hard_in[l->suite], s = strong_in[l->suite];
    if (h >= 0 && hard >= 0 && h != hard)
        field_bad(f, "easy_hard", "%s, but lists of the suite %s are %s", hard ? "hard" : "easy",
                  suite_names[l->suite], h ? "hard" : "easy");
    if (s >= 0 && strong >= 0 && s != strong)
        field_bad(f, "weak_strong", "%s, but lists of the suite %s are %s",
                  strong ? "strong" : "weak", suite_names[l->suite], s ? "strong" : "weak");
    if (adv != (l->suite == SUITE_ADV))
        field_bad(f, "modification",
                  adv ? "there, but lists of the suite %s have none"
                      : "missing; lists of the suite %s say how they were edited",
                  suite_names[l->suite]);
    hard = hard >= 0 ? hard : h;
    for (int i = 0; i < l->n; i++) {
        char a[2];
        int out = hard > 0 ? l->rate[i] < 0.7 - 1e-6 || l->rate[i] > 0.9 + 1e-6
                           : hard == 0 && l->rate[i] > 0.5;
        if (i != l->answer && out)
            field_bad(f, "pass_rates",
                      "%g of the wrong candidate %s is outside %s, as %s lists have it", l->rate[i],
                      import_candidate(a, i), hard ? "0.7 to 0.9" : "0 to 0.5",
                      hard ? "hard" : "easy");
    }
}

/* A text, or a whole number. */
static void read_idx(import_list_t *l, const field_t *f)
{
    const json_t *v = field_get(f, "idx");
    l->idx[0] = 0;
    if (json_is_integer(v))
        snprintf(l->idx, sizeof l->idx, "%lld", (long long)json_integer_value(v));
    else if (v && strlen(field_text(f, "idx")) >= sizeof l->idx)
        field_bad(f, "idx", "longer than %zu bytes", sizeof l->idx - 1);
    else if (v)
        strcpy(l->idx, field_text(f, "idx"));
}

void import_list(bank_reader_t *m, import_list_t *l, const field_t *f, suite_t suite, int *base)
{
    static const char *const known[] = {"prompt_id",         "query",
                                        "generator",         "language",
                                        "num_candidates",    "candidates",
                                        "chosen_position",   "chosen_answer",
                                        "pass_rates",        "easy_hard",
                                        "weak_strong",       "source",
                                        "max_prompt_tokens", "idx",
                                        "modification",      NULL};
    *l = (import_list_t){0};
    bank_json_left_alone(m, f, known);
    l->prompt = field_text(f, "prompt_id");
    l->query = field_text(f, "query");
    l->generator = field_text(f, "generator");
    l->modification = field_text_or(f, "modification", "");
    field_text_or(f, "source", NULL);
    field_int_or(f, "max_prompt_tokens", 0, INT64_MAX, 0);
    if (!*l->prompt)
        field_bad(f, "prompt_id", "empty; the name of a problem was expected");
    l->lang = json_language(f, "language");
    read_candidates(l, f);
    read_rates(l, f);
    check_position(l, f, base);
    check_answer(l, f);
    check_suite(l, f, suite);
    read_idx(l, f);
}
