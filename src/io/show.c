/* Any of our files, in words, for `aletheia show`: what it is, who wrote it, and what
   one would ask first.

   problems     counts by family, suite, pool, language and verdict; one list on demand
   checkpoint   step, seed and other state, parameters with shapes and hashes, sections
   metrics      the last rows, means over the last tenth, time by phase, events
   rollout      rewards and lengths, and the best and the worst completion's text
   eval         the suites' results with their intervals
   a folder     of a run: its metrics; of checkpoints: the newest; of a model: its shapes

   One process, no MPI (group NULL).  Reading goes through the same functions that
   programs use, so what is shown was also checked. */
#include "bank_file.h"
#include <dirent.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

static double *numbers(h5_t *f, const char *name, int64_t *n)
{
    int64_t cols;
    h5_shape(f, name, n, &cols);
    double *x = ALLOC(double, *n + 1);
    h5_get(f, name, H5_F64, x, *n, 0, 0, *n);
    return x;
}

static int32_t *integers(h5_t *f, const char *name, int64_t *n)
{
    int64_t cols;
    h5_shape(f, name, n, &cols);
    int32_t *x = ALLOC(int32_t, *n + 1);
    h5_get(f, name, H5_I32, x, *n, 0, 0, *n);
    return x;
}

static double mean_of(const double *x, int64_t first, int64_t n)
{
    double sum = 0, count = 0;
    for (int64_t i = first; i < n; i++)
        if (!isnan(x[i])) {
            sum += x[i];
            count++;
        }
    return count > 0 ? sum / count : NAN;
}

static void show_head(h5_t *f, const char *kind, text_t *out)
{
    char *by = h5_get_text(f, "/", "created_by"), *layout = h5_get_text(f, "/", "host_layout");
    int64_t version = 0;
    h5_get_int(f, "/", "version", &version);
    text_addf(out, "%s: kind %s, version %lld, written by %s on %s\n", h5_path(f), kind,
              (long long)version, by ? by : "?", layout ? layout : "?");
    mem_free(by);
    mem_free(layout);
}

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

static void show_problems(const char *path, text_t *out)
{
    bank_t b;
    bank_read(NULL, &b, path);
    char hex[33];
    int64_t split[SUITES] = {0}, suite[SUITES] = {0}, pool[POOLS] = {0}, lang[LANGS] = {0},
            said[VERDICTS] = {0}, mode[IN_MODES] = {0};
    int64_t length[6] = {0}, right[5] = {0}, executed = 0, imported = 0;
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
    if (b.n_list)
        text_addf(out, "one list: aletheia show %s list N   (0 to %d)\n", path, b.n_list - 1);
    bank_free(&b);
}

/* Every line of s behind a margin; NUL bytes as \0. */
static void show_indented(text_t *out, const char *s, size_t len)
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

static void show_attributes(h5_t *f, const char *object, text_t *out)
{
    char **name;
    int n = h5_list_attributes(f, object, &name);
    for (int i = 0; i < n; i++) {
        int64_t v;
        double x;
        char *s;
        if (h5_get_int(f, object, name[i], &v))
            text_addf(out, "  %-20s %lld\n", name[i], (long long)v);
        else if (h5_get_real(f, object, name[i], &x))
            text_addf(out, "  %-20s %.9g\n", name[i], x);
        else if ((s = h5_get_text(f, object, name[i]))) {
            if (!strchr(s, '\n'))
                text_addf(out, "  %-20s %s\n", name[i], s);
            mem_free(s);
        }
    }
    h5_free_names(name, n);
}

static void show_config(const model_config_t *c, text_t *out)
{
    text_addf(out,
              "  %s: %d layers, width %d, %d heads and %d key/value heads of %d, "
              "feed-forward %d, vocabulary %d, "
              "positions %d%s%s\n",
              c->arch, c->layers, c->width, c->heads, c->kv_heads, c->head_dim, c->ffn, c->vocab,
              c->max_position, c->qkv_bias ? ", biases on q, k, v" : "",
              c->tied ? ", tied head" : "");
}

static void show_shape(char shape[64], int64_t rows, int64_t cols)
{
    if (cols)
        snprintf(shape, 64, "[%lld, %lld]", (long long)rows, (long long)cols);
    else
        snprintf(shape, 64, "[%lld]", (long long)rows);
}

static void show_checkpoint(h5_t *f, text_t *out)
{
    char **section, **tensor, name[1024], *json = h5_get_text(f, "state", "config.json");
    show_attributes(f, "state", out);
    if (json) {
        model_config_t c;
        hf_config_parse(h5_path(f), json, &c);
        show_config(&c, out);
        mem_free(json);
    }
    int n = h5_list(f, "param", &tensor);
    int64_t rows, cols, count = 0;
    for (int i = 0; i < n; i++) {
        char shape[64];
        snprintf(name, sizeof name, "param/%s", tensor[i]);
        h5_shape(f, name, &rows, &cols);
        count += rows * (cols ? cols : 1);
        show_shape(shape, rows, cols);
        char *hash = h5_get_text(f, name, "xxh3");
        text_addf(out, "  %-52s %-16s %.16s\n", tensor[i], shape, hash ? hash : "");
        mem_free(hash);
    }
    text_addf(out, "%d tensors, %lld parameters; sections:", n, (long long)count);
    h5_free_names(tensor, n);
    n = h5_list(f, "/", &section);
    for (int i = 0; i < n; i++)
        text_addf(out, " %s", section[i]);
    text_add(out, "\n");
    h5_free_names(section, n);
}

static void show_phases(h5_t *f, text_t *out)
{
    char **phase;
    int64_t rows, lanes, cols;
    int n = h5_enum_names(f, "phase/names", &phase);
    h5_lanes(f, "phase/seconds", &rows, &lanes, &cols);
    float *s = ALLOC(float, rows *lanes *cols + 1);
    h5_get_lanes(f, "phase/seconds", H5_F32, s, rows, lanes, cols, 0, 1, lanes);
    text_addf(out, "mean seconds a step by phase, over %lld rank%s:", (long long)lanes,
              lanes == 1 ? "" : "s");
    for (int p = 0; p < n && p < cols; p++) {
        double sum = 0, count = 0;
        for (int64_t i = 0; i < rows * lanes; i++)
            if (!isnan(s[i * cols + p])) {
                sum += (double)s[i * cols + p];
                count++;
            }
        if (count > 0)
            text_addf(out, " %s %.4g", phase[p], sum / count);
    }
    text_add(out, "\n");
    mem_free(s);
    h5_free_names(phase, n);
}

static void show_events(h5_t *f, text_t *out)
{
    char *kind, *text;
    int64_t *ok, *ot, n = h5_get_ragged(f, "event/kind", H5_U8, (void **)&kind, &ok, 1), m;
    h5_get_ragged(f, "event/text", H5_U8, (void **)&text, &ot, 1);
    int32_t *step = integers(f, "event/step", &m);
    for (int64_t i = 0; i < n && i < m; i++)
        text_addf(out, "  event at step %d: %.*s %.*s\n", step[i], (int)(ok[i + 1] - ok[i]),
                  kind + ok[i], (int)(ot[i + 1] - ot[i]), text + ot[i]);
    mem_free(kind);
    mem_free(text);
    mem_free(ok);
    mem_free(ot);
    mem_free(step);
}

/* In 11 columns; "-" where nothing was measured. */
static void show_number(text_t *out, double x)
{
    char number[32] = "-";
    if (!isnan(x))
        snprintf(number, sizeof number, "%.5g", x);
    text_addf(out, " %11s", number);
}

static void show_metrics(h5_t *f, text_t *out)
{
    char **column, name[512];
    int n = h5_list(f, "step", &column);
    int64_t rows;
    int32_t *step = integers(f, "step/step", &rows);
    int64_t last = rows > 3 ? rows - 3 : 0, tenth = rows - (rows + 9) / 10;
    text_addf(out, "%lld steps", (long long)rows);
    if (rows)
        text_addf(out, ", %d to %d", step[0], step[rows - 1]);
    text_addf(out, "\n  %-18s", "step");
    for (int64_t i = last; i < rows; i++)
        text_addf(out, " %11d", step[i]);
    text_addf(out, "   mean of the last %lld\n", (long long)(rows - tenth));
    for (int j = 0; j < n; j++) {
        if (!strcmp(column[j], "step"))
            continue;
        snprintf(name, sizeof name, "step/%s", column[j]);
        int64_t m;
        double *x = numbers(f, name, &m);
        text_addf(out, "  %-18s", column[j]);
        for (int64_t i = last; i < rows && i < m; i++)
            show_number(out, x[i]);
        show_number(out, mean_of(x, tenth, m));
        text_add(out, "\n");
        mem_free(x);
    }
    show_phases(f, out);
    show_events(f, out);
    mem_free(step);
    h5_free_names(column, n);
}

static void show_rollout(h5_t *f, text_t *out)
{
    int64_t n, *ot;
    char *text;
    double *reward = numbers(f, "sample/reward", &n);
    int32_t *list = integers(f, "sample/list", &n), *parsed = integers(f, "sample/parsed", &n);
    int32_t *answer = integers(f, "sample/answer", &n), *right = integers(f, "sample/right", &n);
    int64_t items = h5_get_ragged(f, "sample/text", H5_U8, (void **)&text, &ot, 1);
    int64_t tokens, cols, best = 0, worst = 0, ok = 0, correct = 0;
    h5_shape(f, "sample/tokens/data", &tokens, &cols);
    for (int64_t i = 0; i < n; i++) {
        best = reward[i] > reward[best] ? i : best;
        worst = reward[i] < reward[worst] ? i : worst;
        ok += parsed[i] != 0;
        correct += parsed[i] && answer[i] == right[i];
    }
    text_addf(out, "%lld completions", (long long)n);
    if (n && items == n) {
        text_addf(out,
                  ": mean reward %.4f, right %.1f %%, parsed %.1f %%, "
                  "mean length %.1f tokens\n",
                  mean_of(reward, 0, n), 100 * (double)correct / (double)n,
                  100 * (double)ok / (double)n, (double)tokens / (double)n);
        for (int k = 0; k < 2; k++) {
            int64_t i = k ? worst : best;
            text_addf(out, "\n%s reward %.4g: row %lld, list %d\n", k ? "lowest" : "highest",
                      reward[i], (long long)i, list[i]);
            text_t one = {0};
            text_addn(&one, text + ot[i], (size_t)(ot[i + 1] - ot[i]));
            show_indented(out, one.s ? one.s : "", one.len);
            text_reset(&one);
        }
    }
    text_add(out, "\n");
    mem_free(reward);
    mem_free(list);
    mem_free(parsed);
    mem_free(answer);
    mem_free(right);
    mem_free(text);
    mem_free(ot);
}

static int ends_with(const char *s, const char *tail)
{
    size_t n = strlen(s), m = strlen(tail);
    return n >= m && !strcmp(s + n - m, tail);
}

static void show_eval(h5_t *f, text_t *out)
{
    char **suite, **name, folder[512], bound[600], *hash = h5_get_text(f, "/", "param_hash");
    int n = h5_list(f, "suite", &suite);
    text_addf(out, "parameters %s\n", hash ? hash : "?");
    for (int i = 0; i < n; i++) {
        snprintf(folder, sizeof folder, "suite/%s", suite[i]);
        snprintf(bound, sizeof bound, "%s/correct", folder);
        int64_t rows = 0, cols;
        h5_shape(f, bound, &rows, &cols);
        text_addf(out, "suite %s: %lld answers\n  %-20s %12s   95%% interval\n", suite[i],
                  (long long)rows, "result", "value");
        int m = h5_list_attributes(f, folder, &name);
        for (int j = 0; j < m; j++) {
            double x, lo, hi;
            if (ends_with(name[j], "_lo") || ends_with(name[j], "_hi") ||
                !h5_get_real(f, folder, name[j], &x))
                continue;
            text_addf(out, "  %-20s %12.5g", name[j], x);
            snprintf(bound, sizeof bound, "%s_lo", name[j]);
            int has = h5_get_real(f, folder, bound, &lo);
            snprintf(bound, sizeof bound, "%s_hi", name[j]);
            if (has && h5_get_real(f, folder, bound, &hi))
                text_addf(out, "   %.5g to %.5g", lo, hi);
            text_add(out, "\n");
        }
        h5_free_names(name, m);
    }
    mem_free(hash);
    h5_free_names(suite, n);
}

static void show_model(const char *dir, text_t *out)
{
    model_config_t c;
    struct stat s;
    text_t path = {0};
    hf_config_read(dir, &c);
    params_t p = params_new(&c);
    int64_t count = 0;
    text_addf(out, "%s: a model directory\n", dir);
    show_config(&c, out);
    for (int i = 0; i < p.n; i++) {
        const param_t *t = &p.tensor[i];
        char shape[64];
        count += t->rows * t->cols;
        show_shape(shape, t->vector ? t->cols : t->rows, t->vector ? 0 : t->cols);
        text_addf(out, "  %-52s %s\n", t->name, shape);
    }
    text_addf(&path, "%s/model.safetensors", dir);
    text_addf(out, "%d tensors, %lld parameters; ", p.n, (long long)count);
    if (stat(path.s, &s))
        text_add(out, "model.safetensors is missing\n");
    else
        text_addf(out, "model.safetensors has %.2f MB\n", (double)s.st_size / 1e6);
    params_free(&p);
    text_reset(&path);
}

static int newest_version(const char *path)
{
    text_t why = {0};
    int problems = !h5_probe(path, "problems", INT32_MAX, &why);
    int verdicts = !h5_probe(path, "verdicts", INT32_MAX, &why);
    text_reset(&why);
    return problems ? BANK_VERSION : verdicts ? VERDICTS_VERSION : 1;
}

void show_file(const char *path, text_t *out)
{
    struct stat s;
    text_t other = {0};
    if (stat(path, &s) == 0 && S_ISDIR(s.st_mode)) {
        int64_t step = ckpt_newest(path);
        text_addf(&other, "%s/run.h5", path);
        if (stat(other.s, &s)) {
            text_clear(&other);
            text_addf(&other, "%s/step-%08lld.h5", path, (long long)step);
            if (step < 0) {
                show_model(path, out);
                text_reset(&other);
                return;
            }
        }
        path = other.s;
    }
    static const struct {
        const char *kind;
        void (*show)(h5_t *f, text_t *out);
    } shown[] = {
        {"checkpoint", show_checkpoint}, {"metrics", show_metrics},
        {"rollout", show_rollout},       {"eval", show_eval},
        {"verdicts", verdicts_show},     {"problems", NULL},
    };
    h5_t *f = h5_open(NULL, path, NULL, newest_version(path));
    char *format = h5_get_text(f, "/", "format");
    int known = 0;
    show_head(f, format + strlen("aletheia/"), out);
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        if (!strcmp(format + strlen("aletheia/"), shown[i].kind)) {
            known = 1;
            if (shown[i].show)
                shown[i].show(f, out);
        }
    if (!known)
        fail(CODE_DATA, "%s: kind %s is none that can be shown", path, format);
    int problems = !strcmp(format, "aletheia/problems");
    mem_free(format);
    h5_close(f);
    if (problems)
        show_problems(path, out);
    text_reset(&other);
}
