// Pairs of stored answers: no answer twice, at most n a question, as many as its right and wrong answers allow;
// no file outweighs another where both have answers, and neither always comes first; questions that form
// none are counted, a written answer takes the place of a missing one; all a function of the seed alone.
// RUN: np=1,2
#include "rl_files.h"

typedef struct {
    int right, wrong, right_in[2], wrong_in[2]; /* not cut off */
    int pairs, written, chosen_in[2], rejected_in[2], first;
} tally_t;

static void tally_up(const rollouts_t *p, tally_t *all)
{
    memset(all, 0, QUESTIONS * sizeof *all);
    for (int64_t i = 0; i < rollouts_count(p); i++) {
        const rollout_t *q = rollouts_at(p, i);
        tally_t *t = &all[q->question];
        if (q->truncated)
            continue;
        if (q->reward.correct > 0)
            t->right++, t->right_in[q->file]++;
        else
            t->wrong++, t->wrong_in[q->file]++;
    }
}

/* Neither file has two more than the other, unless the other has no more to give. */
static int fair(const int used[2], const int there[2])
{
    for (int f = 0; f < 2; f++)
        if (used[f] > used[!f] + 1 && used[!f] < there[!f])
            return 0;
    return 1;
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* Begun: how often the first pair of a question that both could give was the second file's. */
static void formed(const rollouts_t *p, int most, int splice, uint64_t seed, double *begun)
{
    int n = 0;
    pairing_count_t c, want = {.questions = QUESTIONS};
    tally_t all[QUESTIONS];
    int *used = ALLOC(int, rollouts_count(p)), both = 0;
    pair_t *pair = pairs_form(p, &(pairing_t){most, splice, seed}, &n, &c);
    tally_up(p, all);
    for (int i = 0; i < n; i++) {
        const rollout_t *no = rollouts_at(p, pair[i].rejected);
        tally_t *t = &all[no->question];
        check(!used[pair[i].rejected]++ && no->reward.correct == 0 && !no->truncated);
        t->rejected_in[no->file]++;
        if (pair[i].chosen < 0) {
            t->written++;
            continue;
        }
        const rollout_t *yes = rollouts_at(p, pair[i].chosen);
        check(!used[pair[i].chosen]++ && yes->reward.correct == 1 && !yes->truncated);
        check(yes->question == no->question);
        t->first = t->pairs ? t->first : yes->file;
        t->chosen_in[yes->file]++;
        t->pairs++;
    }
    *begun = 0;
    for (int q = 0; q < QUESTIONS; q++) {
        const tally_t *t = &all[q];
        int lone = !t->right && t->wrong;
        want.both += t->right && t->wrong;
        want.only_right += t->right && !t->wrong;
        want.only_wrong += lone;
        want.spliced += lone && splice;
        check(t->pairs == least(most, least(t->right, t->wrong)), "question %d: %d pairs", q,
              t->pairs);
        check(t->written == (lone && splice), "question %d: %d written answers", q, t->written);
        check(fair(t->chosen_in, t->right_in), "question %d: chosen %d of %d, %d of %d", q,
              t->chosen_in[0], t->right_in[0], t->chosen_in[1], t->right_in[1]);
        check(t->written || fair(t->rejected_in, t->wrong_in), "question %d", q);
        if (t->pairs && t->right_in[0] && t->right_in[1])
            both++, *begun += t->first;
    }
    *begun /= both ? both : 1;
    check(!memcmp(&c, &want, sizeof c),
          "questions %d both %d only right %d only wrong %d spliced %d", c.questions, c.both,
          c.only_right, c.only_wrong, c.spliced);
    check(want.only_right > 4 && want.only_wrong > 4 && want.both > 15 &&
          want.only_right + want.only_wrong + want.both + 5 ==
              QUESTIONS); /* of 5 all are cut off */
    mem_free(used);
    mem_free(pair);
}

static hash_t formed_hash(const rollouts_t *p, uint64_t seed)
{
    int n;
    pairing_count_t c;
    pair_t *pair = pairs_form(p, &(pairing_t){3, 1, seed}, &n, &c);
    hash_t h = pairs_hash(p, pair, n, 1, (hash_t){0, 0});
    mem_free(pair);
    return h;
}

static void pairs(const made_t *a, const made_t *b)
{
    char files[700], turned[700];
    double begun;
    snprintf(files, sizeof files, "%s,%s", a->path, b->path);
    snprintf(turned, sizeof turned, "%s,%s", b->path, a->path);
    rollouts_t *p = open_files(comm_world(), files, 0);
    for (int most = 1; most <= 6; most++)
        for (int splice = 0; splice < 2; splice++) {
            formed(p, most, splice, 11, &begun);
            check(begun > 0.2 && begun < 0.8, "the second file comes first %g of the time", begun);
        }
    formed(p, 100, 0, 12, &begun);

    group_t *self = group_split(comm_world(), group_rank(comm_world()), 0);
    rollouts_t *q = open_files(self, files, 0), *other = open_files(comm_world(), turned, 0);
    check(hash_equal(rollouts_hash(p), rollouts_hash(q)));
    check(hash_equal(formed_hash(p, 11), formed_hash(p, 11)));
    check(hash_equal(formed_hash(p, 11), formed_hash(q, 11)), "pairs depend on the ranks");
    check(!hash_equal(formed_hash(p, 11), formed_hash(p, 12)), "pairs do not depend on the seed");
    check(!hash_equal(formed_hash(p, 11), formed_hash(other, 11)));
    rollouts_free(p), rollouts_free(q), rollouts_free(other);
    group_free(self);
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    char *dir = child_folder("pairs");
    made_t *a = ALLOC(made_t, 2), *b = a + 1;
    make(a, b, dir);
    pairs(a, b);
    mem_free(a);
    child_folder_remove(dir);
    return test_end();
}
