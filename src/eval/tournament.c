/* Choosing one of many by questions that show two to five.

   knockout   the field is cut into lists as equal as can be, none larger than `group`; the winners
              are the next field, with whoever was left over (of pairs, an odd one).  n = 16: lists of 4, 4, 4, 4, then one of 4: five questions.  A list
              without a winner (a tie, nothing readable) sends on one of its own, drawn.
   swiss      entrants of like score meet, no pair twice while that can be avoided; each meeting is
              two questions, one an order, and a question won is a point; whoever is left over gets
              the two points.  n = 16, five rounds: 80 questions.
   pairs      every pair meets: n(n-1) questions.

   In the last two the highest score wins; of equal ones whoever won against the other, then whose
   opponents scored more, then the earlier entrant: entrants come in a drawn order, so that is a draw.
   Nothing here asks anybody: rounds go out, winners come in.  local */
#include "eval.h"
#include <string.h>

const char *const method_names[METHODS] = {"knockout", "swiss", "pairs"};

struct tournament {
    contest_t c;
    int field[ENTRANTS], n_field; /* knockout: who is left */
    int score[ENTRANTS], rested[ENTRANTS];
    int *won, *met;              /* [n][n]: questions */
    int round, n_match, through; /* through: who goes on without a match, -1 */
    match_t *match;              /* as many as a round can have */
};

static int rounds_of(const contest_t *c)
{
    int n = 1;
    while (1 << n < c->n)
        n++;
    return c->rounds ? c->rounds : n + 1;
}

tournament_t *tournament_new(const contest_t *c)
{
    ASSERT(c->n >= 1 && c->n <= ENTRANTS && c->group >= 2 && c->group <= 5);
    tournament_t *t = ALLOC(tournament_t, 1);
    t->c = *c;
    t->n_field = c->n;
    t->match = ALLOC(match_t, c->method == BY_PAIRS ? c->n * c->n : c->n + 1);
    t->won = ALLOC(int, c->n * c->n);
    t->met = ALLOC(int, c->n * c->n);
    for (int i = 0; i < c->n; i++)
        t->field[i] = i;
    return t;
}

void tournament_free(tournament_t *t)
{
    if (!t)
        return;
    mem_free(t->match), mem_free(t->won), mem_free(t->met);
    mem_free(t);
}

/* Who goes before whom: see above. */
static int opponents(const tournament_t *t, int i)
{
    int sum = 0;
    for (int k = 0; k < t->c.n; k++)
        sum += t->met[i * t->c.n + k] * t->score[k];
    return sum;
}

static int is_before(const tournament_t *t, int a, int b)
{
    if (t->score[a] != t->score[b])
        return t->score[a] > t->score[b];
    if (t->won[a * t->c.n + b] != t->won[b * t->c.n + a])
        return t->won[a * t->c.n + b] > t->won[b * t->c.n + a];
    int sum_a = opponents(t, a), sum_b = opponents(t, b);
    return sum_a != sum_b ? sum_a > sum_b : a < b;
}

int tournament_winner(const tournament_t *t)
{
    if (t->c.method == BY_KNOCKOUT || t->c.n == 1)
        return t->n_field == 1 ? t->field[0] : -1;
    if (t->round < (t->c.method == BY_PAIRS ? 1 : rounds_of(&t->c)))
        return -1;
    int best = 0;
    for (int i = 1; i < t->c.n; i++)
        if (is_before(t, i, best))
            best = i;
    return best;
}

static void meet(tournament_t *t, int a, int b)
{
    t->match[t->n_match++] = (match_t){2, {a, b}, -1};
    t->match[t->n_match++] = (match_t){2, {b, a}, -1};
}

static void cut_field(tournament_t *t)
{
    int lists = (t->n_field + t->c.group - 1) / t->c.group;
    t->through = -1;
    for (int l = 0; l < lists; l++) {
        int from = t->n_field * l / lists, to = t->n_field * (l + 1) / lists;
        if (to - from == 1) {
            t->through = t->field[from];
            continue;
        }
        match_t *m = &t->match[t->n_match++];
        m->n = to - from;
        m->winner = -1;
        memcpy(m->entrant, t->field + from, sizeof(int) * (size_t)m->n);
    }
}

/* The lowest that has not rested yet goes without a match; -1: their number is even. */
static int who_rests(const tournament_t *t, const int *order)
{
    for (int i = t->c.n - 1; i >= 0 && t->c.n % 2; i--)
        if (!t->rested[order[i]])
            return order[i];
    return t->c.n % 2 ? order[t->c.n - 1] : -1;
}

typedef struct { /* the pairing of a round: each as near as can be to the next in score */
    const tournament_t *t;
    int order[ENTRANTS], taken[ENTRANTS], with[ENTRANTS];
    int tries, again; /* tries: what is left to spend; again: a pair may meet again */
} meetings_t;

/* Pairs all from place i on; 0: that cannot be done. */
static int pair_from(meetings_t *p, int i)
{
    int n = p->t->c.n;
    while (i < n && p->taken[p->order[i]])
        i++;
    if (i >= n)
        return 1;
    int a = p->order[i];
    for (int k = i + 1; k < n && p->tries > 0; k++) {
        int b = p->order[k];
        if (p->taken[b] || (!p->again && p->t->met[a * n + b]))
            continue;
        p->tries--;
        p->taken[a] = p->taken[b] = 1;
        p->with[a] = b, p->with[b] = -1;
        if (pair_from(p, i + 1))
            return 1;
        p->taken[a] = p->taken[b] = 0;
    }
    return 0;
}

static void pair_alike(tournament_t *t)
{
    enum { TRIES = 20000 };
    meetings_t p = {.t = t, .tries = TRIES};
    int n = t->c.n;
    for (int i = 0; i < n; i++) { /* by score, then by number */
        int at = i;
        for (; at > 0 && t->score[p.order[at - 1]] < t->score[i]; at--)
            p.order[at] = p.order[at - 1];
        p.order[at] = i;
    }
    int rests = who_rests(t, p.order);
    if (rests >= 0)
        p.taken[rests] = 1, t->rested[rests]++, t->score[rests] += 2;
    if (!pair_from(&p, 0)) {
        p.again = 1, p.tries = TRIES;
        int paired = pair_from(&p, 0);
        ASSERT(paired);
    }
    for (int i = 0; i < n; i++)
        if (p.order[i] != rests && p.with[p.order[i]] >= 0)
            meet(t, p.order[i], p.with[p.order[i]]);
}

int tournament_round(tournament_t *t, match_t **match)
{
    ASSERT(tournament_winner(t) < 0);
    t->n_match = 0;
    if (t->c.method == BY_KNOCKOUT)
        cut_field(t);
    else if (t->c.method == BY_SWISS)
        pair_alike(t);
    else
        for (int a = 0; a < t->c.n; a++)
            for (int b = a + 1; b < t->c.n; b++)
                meet(t, a, b);
    *match = t->match;
    return t->n_match;
}

static void count_pair(tournament_t *t, const match_t *m)
{
    int a = m->entrant[0], b = m->entrant[1];
    t->met[a * t->c.n + b]++, t->met[b * t->c.n + a]++;
    if (m->winner < 0)
        return;
    t->score[m->winner]++;
    t->won[m->winner * t->c.n + (m->winner == a ? b : a)]++;
}

void tournament_played(tournament_t *t)
{
    t->n_field = t->c.method == BY_KNOCKOUT ? 0 : t->n_field;
    for (int i = 0; i < t->n_match; i++) {
        const match_t *m = &t->match[i];
        if (t->c.method != BY_KNOCKOUT) {
            count_pair(t, m);
            continue;
        }
        rng_t r =
            rng_make(t->c.seed, RNG_CHOICE, t->c.key, (uint64_t)t->round * ENTRANTS + (uint64_t)i);
        t->field[t->n_field++] = m->winner >= 0 ? m->winner : m->entrant[rng_below(&r, m->n)];
    }
    if (t->c.method == BY_KNOCKOUT && t->through >= 0)
        t->field[t->n_field++] = t->through;
    t->round++;
    t->n_match = 0;
}
