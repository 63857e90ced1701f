/* A problem file in words: counts by family, suite, pool, language and verdict, how its tests are
   decided, and one list as a verifier sees it, with pass rates. */
#include "show.h"
#include <math.h>
#include <string.h>

/* "  suite: train 10, heldout 2" from counts by name; zeros are left out. */
static void show_counts(text_t *out, const char *what, const char *const *names,
                        const int64_t *count, int n)
{
    text_addf(out, "  %-13s", what);
    const char *between = "";
    for (int i = 0; i < n; i++)
        if (count[i]) {
            text_addf(out, "%s%s %lld", between, names[i], (long long)count[i]);
            between = ", ";
        }
    text_add(out, *between ? "\n" : "none\n");
}

static void show_families(const bank_t *b, text_t *out)
{
    const char **name = ALLOC(const char *, b->n_problem + 1);
    int64_t *count = ALLOC(int64_t, b->n_problem + 1);
    int n = 0;
    for (int i = 0; i < b->n_problem; i++) {
        int j = 0;
        while (j < n && strcmp(name[j], b->problem[i].family))
            j++;
        if (j == n)
            name[n++] = b->problem[i].family;
        count[j]++;
    }
    show_counts(out, "families", name, count, n);
    mem_free(name);
    mem_free(count);
}

/* Problems drawn again and again from small families say the same in other words. */
static void show_meanings(const bank_t *b, text_t *out)
{
    int known, all = bank_meanings(b, SUITES, &known), n[2];
    if (!known)
        return;
    text_addf(out, "  meanings      %d of the %d drawn problems differ in what they ask for", all,
              known);
    static const suite_t split[] = {SUITE_TRAIN, SUITE_HELDOUT};
    for (int i = 0; i < 2; i++) {
        int differ = bank_meanings(b, split[i], &n[i]);
        if (n[i])
            text_addf(out, "; %s %d of %d", suite_names[split[i]], differ, n[i]);
    }
    text_add(out, "\n");
}

/* How tests are made and decided, where it is not all stdin and words. */
static void show_ways(const bank_t *b, text_t *out)
{
    int64_t check[CHECKS] = {0}, form[FORMS] = {0}, say[7] = {0};
    static const char *const what[7] = {"tolerances",
                                        "nocase",
                                        "white space counts",
                                        "harnesses",
                                        "tests with several outputs",
                                        "scores",
                                        "messages of checkers"};
    for (int i = 0; i < b->n_test; i++) {
        check[b->test[i].check] += b->test[i].form == FORM_STDIN;
        form[b->test[i].form]++;
        say[4] += b->test[i].accepts > 0;
    }
    for (int i = 0; i < b->n_problem; i++) {
        const problem_t *p = &b->problem[i];
        say[0] += p->compare.absolute != 0 || p->compare.relative != 0;
        say[1] += p->compare.nocase;
        say[2] += p->compare.spaces;
        say[3] += p->harness && *p->harness;
    }
    for (int i = 0; i < b->n_verdict; i++)
        say[5] += b->verdict[i].scored, say[6] += b->verdict[i].message != NULL;
    if (form[FORM_CALL])
        show_counts(out, "tests", form_names, form, FORMS);
    if (check[CHECK_TOKENS] < b->n_test - form[FORM_CALL])
        show_counts(out, "checkers", check_names, check, CHECKS);
    for (int i = 0, any = 0; i < 7 && !any; i++)
        if (say[i])
            any = 1, show_counts(out, "with", what, say, 7);
}

/* Imported statements whose samples a question may leave out. */
static void show_samples(const bank_t *b, text_t *out)
{
    int imported = 0, with = 0;
    text_t rest = {0};
    for (int i = 0; i < b->n_problem; i++)
        if (!strcmp(b->problem[i].family, "imported")) {
            imported++;
            with += statement_samples(b->problem[i].statement, &rest, NULL) > 0;
        }
    if (imported)
        text_addf(out, "  %-13s%d of %d imported statements show samples of input and output\n",
                  "samples", with, imported);
    text_reset(&rest);
}

void show_problems(const char *path, text_t *out)
{
    bank_t b;
    bank_read(NULL, &b, path);
    char hex[33];
    int64_t split[SUITES] = {0}, suite[SUITES] = {0}, pool[POOLS] = {0}, lang[LANGS] = {0},
            said[VERDICTS] = {0}, mode[IN_MODES] = {0};
    int64_t length[6] = {0}, right[5] = {0}, edit[EDITS] = {0}, executed = 0, imported = 0;
    for (int i = 0; i < b.n_problem; i++)
        split[b.problem[i].split]++;
    for (int i = 0; i < b.n_program; i++) {
        pool[b.program[i].pool]++;
        lang[b.program[i].lang]++;
        executed += b.program[i].label == LABEL_EXECUTED && !isnan(b.program[i].pass_rate);
        imported += b.program[i].label == LABEL_IMPORTED;
    }
    for (int i = 0; i < b.n_verdict; i++)
        said[b.verdict[i].verdict]++, mode[b.verdict[i].mode]++;
    for (int i = 0; i < b.n_list; i++) {
        suite[b.list[i].suite]++;
        length[b.list[i].n]++;
        right[b.list[i].answer]++;
        edit[b.list[i].edit] += b.list[i].edit != EDIT_NONE;
    }
    hash_hex(bank_hash(&b), hex);
    text_addf(out,
              "%d problems, %d tests, %d programs (%lld executed), %d verdicts, %d lists; "
              "hash %s\n",
              b.n_problem, b.n_test, b.n_program, (long long)executed, b.n_verdict, b.n_list, hex);
    if (imported)
        text_addf(out,
                  "  labels        %lld programs executed, %lld imported: not executed here; "
                  "%d of the lists have such candidates\n",
                  (long long)executed, (long long)imported, bank_imported_lists(&b, SUITES));
    show_families(&b, out);
    show_samples(&b, out);
    show_meanings(&b, out);
    show_ways(&b, out);
    show_counts(out, "problems of", suite_names, split, SUITES);
    show_counts(out, "pools", pool_names, pool, POOLS);
    show_counts(out, "languages", lang_names, lang, LANGS);
    show_counts(out, "verdicts", verdict_names, said, VERDICTS);
    show_counts(out, "in mode", sandbox_mode_names, mode, IN_MODES);
    show_counts(out, "lists of", suite_names, suite, SUITES);
    const char *const letters[] = {"A", "B", "C", "D", "E"}, *const sizes[] = {"0", "1", "2",
                                                                               "3", "4", "5"};
    show_counts(out, "  by length", sizes, length, 6);
    show_counts(out, "  answers", letters, right, 5);
    for (int i = 0, any = 0; i < EDITS && !any; i++)
        if (edit[i])
            any = 1, show_counts(out, "  by edit", edit_names, edit, EDITS);
    if (b.n_list)
        text_addf(out, "one list: aletheia show %s list N   (0 to %d)\n", path, b.n_list - 1);
    bank_free(&b);
}

void show_indented(text_t *out, const char *s, size_t len)
{
    for (size_t at = 0; at < len;) {
        const char *end = memchr(s + at, '\n', len - at);
        size_t n = end ? (size_t)(end - s) - at : len - at;
        text_add(out, "    ");
        for (size_t i = at; i < at + n; i++)
            text_addn(out, s[i] ? s + i : "\\0", s[i] ? 1 : 2);
        text_add(out, "\n");
        at += n + (end != NULL);
    }
}

static void show_cut(const problem_t *p, text_t *out)
{
    text_t rest = {0}, heads = {0};
    int n = strcmp(p->family, "imported") ? 0 : statement_samples(p->statement, &rest, &heads);
    if (n)
        text_addf(out,
                  "samples of input and output in it, which the full question leaves out: %d "
                  "section%s (%s), %zu of %zu bytes\n",
                  n, n > 1 ? "s" : "", heads.s, strlen(p->statement) - rest.len,
                  strlen(p->statement));
    text_reset(&rest), text_reset(&heads);
}

void show_list(const char *path, int n, text_t *out)
{
    bank_t b;
    bank_read(NULL, &b, path);
    if (n < 0 || n >= b.n_list)
        fail(CODE_USAGE, "%s: there is no list %d; it has %d, numbered from 0", path, n, b.n_list);
    const list_t *l = &b.list[n];
    const problem_t *p = &b.problem[l->problem];
    text_addf(out,
              "list %d of suite %s: problem %d, family %s, difficulty %s, %d tests, "
              "limits %d ms and %d kB\n\nstatement\n",
              n, suite_names[l->suite], l->problem, p->family, difficulty_names[p->difficulty],
              p->tests, p->time_ms, p->memory_kb);
    show_indented(out, p->statement, strlen(p->statement));
    show_cut(p, out);
    if (l->edit)
        text_addf(out, "comments edited: %s, on %s; unedited it is list %d\n", edit_names[l->edit],
                  l->edit < EDIT_NOVICE ? "each wrong candidate" : "the right candidate", l->base);
    for (int k = 0; k < l->n; k++) {
        const program_t *c = &b.program[l->program[k]];
        text_addf(out, "\ncandidate %c   program %d, %s, %s", 'A' + k, l->program[k],
                  lang_names[c->lang], pool_names[c->pool]);
        if (isnan(c->pass_rate))
            text_add(out, ", not executed");
        else
            text_addf(out, ", passes %.1f %%%s", 100 * (double)c->pass_rate,
                      c->label == LABEL_IMPORTED ? " (imported, not executed)" : "");
        text_addf(out, "%s%s%s\n", c->origin[0] ? " (" : "", c->origin, c->origin[0] ? ")" : "");
        show_indented(out, c->source, c->n_source);
    }
    text_addf(out, "\nanswer %c\n", 'A' + l->answer);
    bank_free(&b);
}
