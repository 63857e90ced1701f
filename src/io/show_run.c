/* What a run writes beside its checkpoints, in words.

   metrics      the last rows, means over the last tenth, time by phase, events
   rollout      rewards and lengths, and the best and the worst completion's text */
#include "show.h"
#include <math.h>
#include <string.h>

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

void show_metrics(h5_t *f, text_t *out)
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

/* Which model answered how; older files do not say. */
static void show_origin(h5_t *f, text_t *out)
{
    char *model = h5_get_text(f, "/", "model"), *mode = h5_get_text(f, "/", "mode"),
         *params = h5_get_text(f, "/", "param_hash");
    double temperature = 0;
    if (model && mode && params && h5_get_real(f, "/", "temperature", &temperature))
        text_addf(out, "%s answers of %s (parameters %s) at temperature %g\n", mode, model,
                  strspn(params, "0") == strlen(params) ? "of the step in param_version" : params,
                  temperature);
    mem_free(model);
    mem_free(mode);
    mem_free(params);
}

/* Where chosen and rejected answers begin, under the reference. */
void show_pairs(h5_t *f, text_t *out)
{
    int64_t n, cols;
    char *params = h5_get_text(f, "/", "param_hash");
    h5_shape(f, "pairs/reference", &n, &cols);
    double *x = ALLOC(double, 2 * n + 1), sum[2] = {0};
    h5_get(f, "pairs/reference", H5_F64, x, n, 2, 0, n);
    for (int64_t i = 0; i < 2 * n; i++)
        sum[i % 2] += x[i] / (double)(n ? n : 1);
    text_addf(out,
              "%lld pairs\nlog-probability under the reference (parameters %s): chosen %.3f, "
              "rejected %.3f in the mean\n",
              (long long)n, params ? params : "unknown", sum[0], sum[1]);
    mem_free(params);
    mem_free(x);
}

void show_rollout(h5_t *f, text_t *out)
{
    show_origin(f, out);
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
