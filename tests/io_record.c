// What every rank sampled or answered stands in the file once, whichever rank had it, and h5py
// reads it.
// RUN: np=1,2,4
#include "io_child.h"
#include "io.h"

enum { SAMPLES = 37 };

/* Sample i belongs to rank i % size; a fact of i in every field. */
static int mine(record_t *r, answer_t *a, group_t *g)
{
    int n = 0;
    for (int i = group_rank(g); i < SAMPLES; i += group_size(g)) {
        int len = i % 5;
        record_t one = {.list = i,
                        .group = i / 4,
                        .sample = i % 4,
                        .answer = i % 3,
                        .right = 1,
                        .parsed = i % 7 != 0,
                        .truncated = i % 2,
                        .n_prompt = 100 + i,
                        .version = i,
                        .reward = (float)i / 8,
                        .correct = i % 3 == 1,
                        .advantage = -(float)i,
                        .token = ALLOC(int32_t, 5),
                        .logp = ALLOC(float, 5),
                        .n_token = len,
                        .text = i % 2 ? "odd \xc3\xa9" : ""};
        for (int t = 0; t < len; t++) {
            one.token[t] = 10 * i + t;
            one.logp[t] = -0.5f * (float)t;
        }
        a[n] = (answer_t){.list = i,
                          .n = 2 + i % 4,
                          .k = 0,
                          .answer = i % 3,
                          .right = 1,
                          .parsed = i % 7 != 0,
                          .length = len};
        r[n++] = one;
    }
    return n;
}

static void check_rollout(const char *path)
{
    h5_t *f = h5_open(NULL, path, "rollout", 2);
    int32_t list[SAMPLES], prompt[SAMPLES], *token;
    float reward[SAMPLES], *logp;
    char *text;
    int64_t *at, *lat, *ot, n = h5_get_ragged(f, "sample/tokens", H5_I32, (void **)&token, &at, 1),
                            seen = 0;
    check(n == SAMPLES &&
          h5_get_ragged(f, "sample/logprob", H5_F32, (void **)&logp, &lat, 1) == SAMPLES);
    check(h5_get_ragged(f, "sample/text", H5_U8, (void **)&text, &ot, 1) == SAMPLES);
    h5_get(f, "sample/list", H5_I32, list, SAMPLES, 0, 0, SAMPLES);
    h5_get(f, "sample/n_prompt", H5_I32, prompt, SAMPLES, 0, 0, SAMPLES);
    h5_get(f, "sample/reward", H5_F32, reward, SAMPLES, 0, 0, SAMPLES);
    for (int j = 0; j < SAMPLES; j++) {
        int i = list[j],
            bad = at[j + 1] - at[j] != i % 5 || prompt[j] != 100 + i || reward[j] != (float)i / 8;
        for (int t = 0; t < i % 5; t++)
            bad |= token[at[j] + t] != 10 * i + t || logp[lat[j] + t] != -0.5f * (float)t;
        bad |= i % 2 ? ot[j + 1] - ot[j] != 6 || memcmp(text + ot[j], "odd \xc3\xa9", 6) != 0
                     : ot[j + 1] != ot[j];
        check(!bad, "row %d, list %d", j, i);
        seen |= 1LL << i;
    }
    check(seen == (1LL << SAMPLES) - 1, "each once");
    h5_close(f);
    mem_free(token);
    mem_free(logp);
    mem_free(text);
    mem_free(at);
    mem_free(lat);
    mem_free(ot);
}

static void check_eval(const char *path)
{
    h5_t *f = h5_open(NULL, path, "eval", EVAL_VERSION);
    int8_t correct[SAMPLES];
    int32_t list[SAMPLES];
    double x = 0, lo = 0;
    char *hash = h5_get_text(f, "/", "param_hash");
    h5_get(f, "suite/heldout/correct", H5_I8, correct, SAMPLES, 0, 0, SAMPLES);
    h5_get(f, "suite/heldout/list", H5_I32, list, SAMPLES, 0, 0, SAMPLES);
    for (int j = 0; j < SAMPLES; j++)
        check(correct[j] == (list[j] % 3 == 1 && list[j] % 7 != 0), "row %d", j);
    check(h5_get_real(f, "suite/heldout", "listacc", &x) && x == 0.5 &&
          h5_get_real(f, "suite/heldout", "listacc_lo", &lo) && lo == 0.25);
    check(h5_get_real(f, "suite/heldout", "chance", &x) && x == 0.3 &&
          h5_get_real(f, "suite/heldout", "parse", &x) && x == 0.9 &&
          !h5_get_real(f, "suite/heldout", "parse_lo", &x) &&
          !h5_get_real(f, "suite/heldout", "fooled", &x));
    int64_t pairs, cols;
    h5_shape(f, "suite/heldout/pair/first", &pairs, &cols);
    check(pairs == group_size(comm_world()) && !h5_has(f, "suite/heldout/budget"));
    numbers_t t = numbers_get(f, "suite/heldout/number");
    const number_t *row = number_find(&t, "fooled", "mutator", "off by one");
    check(t.n == 3 && row && row->value == 0.125 && isnan(row->lo) && row->beside == 0.5 &&
          row->lists == 5 && !number_find(&t, "fooled", "mutator", "off"));
    mem_free(t.row);
    check(hash && strlen(hash) == 32);
    mem_free(hash);
    h5_close(f);
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    group_t *g = comm_world();
    char *dir = child_folder("record"), path[600], eval[600], command[1800];
    record_t r[SAMPLES];
    answer_t a[SAMPLES];
    int n = mine(r, a, g);
    snprintf(path, sizeof path, "%s/rollout.h5", dir);
    snprintf(eval, sizeof eval, "%s/heldout.h5", dir);
    record_write(g, path, "[run]\n", r, n);
    int first = group_rank(g) == 0;
    number_t x[3] = {{"listacc", "all", "", 37, 0.5, 0.25, 0.75, 0.3},
                     {"parse", "all", "", 37, 0.9, NAN, NAN, NAN},
                     {"fooled", "mutator", "off by one", 5, 0.125, NAN, NAN, 0.5}};
    numbers_t t = {x, 3, 3};
    pair_answer_t pair = {group_rank(g), 0, 1, -1, 8, 1};
    eval_rows_t rows = {.answer = a, .n_answer = n, .pair = &pair, .n_pair = 1};
    rows.numbers = first ? &t : NULL;
    eval_write(g, eval, NULL, "heldout", hash_bytes("x", 1), &rows);
    if (first) {
        check_rollout(path);
        check_eval(eval);
        if (system("/usr/bin/python3 -c 'import h5py' 2>/dev/null") == 0) {
            snprintf(
                command, sizeof command,
                "/usr/bin/python3 -c \"\nimport h5py\nf = h5py.File('%s'); o = f['sample/text/offset'][:]\n"
                "assert bytes(f['sample/text/data'][o[1]:o[2]]).decode() in ('', 'odd \\u00e9')\n"
                "assert h5py.File('%s')['suite/heldout'].attrs['listacc_hi'] == 0.75\n\"",
                path, eval);
            check(system(command) == 0, "h5py reads it otherwise");
        }
    }
    for (int i = 0; i < n; i++) {
        mem_free(r[i].token);
        mem_free(r[i].logp);
    }
    child_folder_remove(dir);
    return test_end();
}
