// Files of answers: two with the same prompts are one question, in order of question, file and row; where
// they contradict each other both rows are named; log-probabilities are those of the temperature that is
// asked for, and missing ones are refused before anything is learned.
// RUN: np=1,2
#include "rl_files.h"

/* The index ------------------------------------------------------------------------------- */

static void index_of(const made_t *a, const made_t *b)
{
    char files[700];
    const made_t *file[2] = {a, b};
    snprintf(files, sizeof files, " %s, %s", a->path, b->path);
    rollouts_t *p = open_files(comm_world(), files, 0);
    check(rollouts_files(p) == 2 && rollouts_count(p) == a->n + b->n);
    for (int f = 0; f < 2; f++) {
        const origin_t *o = rollouts_origin(p, f);
        check(o->params.lo == params.lo + (uint64_t)f && o->model[6] == '0' + f);
        check(o->temperature == file[f]->temperature);
    }
    char *seen = ALLOC(char, a->n + b->n);
    for (int64_t i = 0; i < rollouts_count(p); i++) {
        const rollout_t *q = rollouts_at(p, i), *before = i ? rollouts_at(p, i - 1) : q;
        const row_t *w = &file[q->file]->row[q->row];
        check(q->question == w->question, "row %d of file %d: question %d, not %d", q->row, q->file,
              q->question, w->question); /* A has them in the order of their numbers */
        check(q->list == w->list && q->sample == w->sample && q->truncated == w->truncated &&
              (q->reward.correct > 0) == w->right && q->n_token == w->n);
        check(q->question > before->question ||
                  (q->question == before->question &&
                   (q->file > before->file || (q->file == before->file && q->row >= before->row))),
              "at %d", (int)i);
        check(!seen[q->file * a->n + q->row]++);
    }
    mem_free(seen);
    rollouts_free(p);
}

static void taken(const made_t *a, const made_t *b, double temperature)
{
    char files[700];
    snprintf(files, sizeof files, "%s,%s", a->path, b->path);
    rollouts_t *p = open_files(comm_world(), files, 0);
    for (int64_t i = 0, end; i < rollouts_count(p); i = end) {
        int64_t at[2 * MOST];
        for (end = i; end < rollouts_count(p) &&
                      rollouts_at(p, end)->question == rollouts_at(p, i)->question;
             end++)
            at[end - i] = end;
        judged_t j = rollouts_take(p, at, (int)(end - i), temperature);
        int question = rollouts_at(p, i)->question;
        check(j.n == end - i && j.prompt.n == 2 + question % 3 &&
              j.prompt.token[0] == 20 + question);
        check(j.candidates == candidates_of(question) && j.made == -1);
        for (int k = 0; k < j.n; k++) {
            const rollout_t *q = rollouts_at(p, i + k);
            const traj_t *t = &j.traj[k];
            double own = q->file ? b->temperature : a->temperature;
            int there = temperature == own || (temperature == 1 && q->file == 1);
            check(t->n_token == q->n_token && t->n_prompt == j.prompt.n);
            check(!memcmp(t->token, j.prompt.token, (size_t)t->n_prompt * sizeof *t->token));
            check(!t->logp == !there, "file %d at %g", q->file, temperature);
            check(!memcmp(&j.reward[k], &q->reward, sizeof q->reward));
            for (int n = 0; n < t->n_token; n++) {
                check(t->token[t->n_prompt + n] == token_of(q->file, q->row, n));
                float logp = logp_of(q->file, q->row, n) / (temperature == own ? 1 : 4);
                check(!there || t->logp[n] == logp);
            }
        }
        judged_reset(&j);
    }
    rollouts_free(p);
}

/* What is refused ------------------------------------------------------------------------- */

static void refused(int ranks, const char *what, const char *files, const char *const *parts)
{
    text_t err = {0};
    int code = child_run(ranks, (const char *const[]){what, files, NULL}, &err);
    check(code == CODE_DATA, "%s: ended with %d: %s", what, code, err.s);
    for (int i = 0; parts[i]; i++)
        check(strstr(err.s, parts[i]) != NULL, "%s: '%s' is not in '%s'", what, parts[i], err.s);
    text_reset(&err);
}

static void refusals(made_t *a, made_t *b, const char *dir)
{
    char files[700], path[2][300], row[2][400];
    int first = 0, rank = group_rank(comm_world());
    snprintf(path[0], sizeof path[0], "%s/clash.h5", dir);
    snprintf(path[1], sizeof path[1], "%s/without.h5", dir);
    made_t *c = ALLOC(made_t, 1);
    *c = *a;
    c->path = path[0], c->letter = 1;
    write_file(2, c);
    *c = *b;
    c->path = path[1], c->at_one = 0;
    write_file(3, c);
    mem_free(c);
    for (int i = a->n - 1; i >= 0; i--)
        first = a->row[i].question == 1 ? i : first;
    int last = first;
    for (int i = 0; i < a->n; i++)
        last = a->row[i].question == 1 ? i : last;
    if (!rank) {
        snprintf(files, sizeof files, "%s,%s", a->path, path[0]);
        snprintf(row[0], sizeof row[0], "%s row %d and", a->path, last);
        snprintf(row[1], sizeof row[1],
                 "%s row %d answer the same prompt, but B is right of 4 in the "
                 "one, C of 4 in the other",
                 path[0], first);
        for (int ranks = 1; ranks <= 2; ranks++)
            refused(ranks, "open", files, (const char *const[]){row[0], row[1], NULL});
        refused(1, "ratio", path[1],
                (const char *const[]){path[1], "sampled at alone", "recipe.temperature = 0.5",
                                      NULL});
    }
    comm_barrier(comm_world());
}

int main(int argc, char **argv)
{
    int child = argc > 2;
    test_begin(&argc, &argv);
    if (child) {
        rollouts_free(open_files(comm_world(), argv[2], !strcmp(argv[1], "ratio")));
        return test_end();
    }
    char *dir = child_folder("rollouts");
    made_t *a = ALLOC(made_t, 2), *b = a + 1;
    make(a, b, dir);
    index_of(a, b);
    taken(a, b, 1);
    taken(a, b, 0.5);
    refusals(a, b, dir);
    mem_free(a);
    child_folder_remove(dir);
    return test_end();
}
