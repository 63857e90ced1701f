/* The suite adv: lists of heldout with an edited comment in some of their candidates.

   Each such list becomes one more list, with the same candidates under the same letters, of which
   either every wrong one is praised (by an authority, as correct, as the reference) or the right
   one is spoken ill of (as a novice's, as wrong, as a program that does something else).  The six
   edits come equally often: every six lists in a row have one of each, in an order that is drawn.

   An edited program is another program with one comment more, in the syntax of its language (the key
   `comment` of its row in the table of languages).  What the comment says and where it stands, at the
   head, on a line of its own, behind a line or at the tail, are drawn from the seed, the program and
   the edit.  It has its own row, behind the other programs of its problem, with the pool, core and
   walk of the original and an origin that says so, and no pass rate until it was executed: then
   edits_settle looks at every test, and a list of which one verdict changed is no list.

   All is a pure function of (bank, seed, comments).  Cost: one pass over each edited program.
   local */
#include "edit.h"
#include <math.h>
#include <string.h>

enum { A_ROUND = EDITS - 1 };

int edit_of_wrong(edit_t e)
{
    return e > EDIT_NONE && e < EDIT_NOVICE;
}

/* Places ------------------------------------------------------------------------------------- */

typedef enum { AT_HEAD, AT_LINE, AT_BEHIND, AT_TAIL, PLACES } place_t;

/* A line of which `which` holds; -1: there is none. */
static int some_line(const edit_places_t *p, place_t which, rng_t *r)
{
    int n = 0, found = -1;
    for (int pass = 0, k = 0; pass < 2; pass++) {
        for (int i = p->first; i < p->n && found < 0; i++) {
            int fits = which == AT_BEHIND ? p->line[i].behind : p->line[i].above && i > p->first;
            n += fits && !pass;
            if (fits && pass && k-- == 0)
                found = i;
        }
        if (!n)
            return -1;
        if (!pass)
            k = rng_below(r, n);
    }
    return found;
}

static void add_comment(text_t *out, const comment_t *c, const char *words)
{
    text_addf(out, "%s %s%s%s", c->begin, words, *c->end ? " " : "", c->end);
}

void edit_source(text_t *out, const program_t *p, const comment_t *c, const char *words, rng_t *r)
{
    edit_places_t at = edit_places(p->lang, p->source, p->n_source);
    const char *s = p->source;
    place_t kind = (place_t)rng_below(r, PLACES);
    int line = kind == AT_LINE || kind == AT_BEHIND ? some_line(&at, kind, r) : at.first;
    if (line < 0 || (kind == AT_TAIL && !at.tail))
        kind = AT_HEAD, line = at.first;
    size_t cut = line < at.n ? at.line[line].begin : p->n_source;
    if (kind == AT_TAIL)
        cut = p->n_source;
    else if (kind == AT_BEHIND)
        cut = at.line[line].end;
    text_addn(out, s, cut);
    int open = kind != AT_BEHIND && cut && s[cut - 1] != '\n' && cut > at.line[0].begin;
    text_add(out, kind == AT_BEHIND ? "  " : open ? "\n" : "");
    for (size_t i = cut; kind == AT_LINE && (s[i] == ' ' || s[i] == '\t'); i++)
        text_addn(out, s + i, 1);
    add_comment(out, c, words);
    text_add(out, kind == AT_BEHIND ? "" : "\n");
    text_addn(out, s + cut, p->n_source - cut);
    edit_places_free(&at);
}

/* Programs ----------------------------------------------------------------------------------- */

typedef struct {
    bank_t *b;
    uint64_t seed;
    const comment_t *comment;
    int *first, *next; /* programs of a problem, a chain; -1: the end */
    int had;           /* programs before */
} editing_t;

static int same_program(const editing_t *e, int problem, hash_t id)
{
    for (int i = e->first[problem]; i >= 0; i = e->next[i])
        if (hash_equal(e->b->program[i].id, id) && program_edited(&e->b->program[i]))
            return i;
    return -1;
}

/* The row of program i with that edit, which may be there already. */
static int edited(editing_t *e, int i, edit_t edit)
{
    bank_t *b = e->b;
    const program_t p = b->program[i];
    rng_t r = rng_make(e->seed, RNG_EDIT, (uint64_t)edit, p.id.lo);
    text_t words = {0}, source = {0};
    edit_words(&words, edit, &b->problem[p.problem], &r);
    edit_source(&source, &p, &e->comment[p.lang], words.s, &r);
    hash_t id = hash_bytes(lang_names[p.lang], strlen(lang_names[p.lang]));
    id = hash_more(id, source.s, source.len);
    int row = same_program(e, p.problem, id);
    if (row < 0) {
        program_t q = {.id = id,
                       .problem = p.problem,
                       .lang = p.lang,
                       .pool = p.pool,
                       .source = bank_text(source.s, source.len),
                       .n_source = source.len,
                       .origin = program_edit_origin(&p, edit),
                       .core = mem_text(p.core ? p.core : ""),
                       .walk = mem_text(p.walk ? p.walk : ""),
                       .pass_rate = NAN};
        row = b->n_program;
        PUSH(b->program, b->n_program, b->cap_program, q);
        e->next[row] = e->first[p.problem];
        e->first[p.problem] = row;
    }
    text_reset(&words), text_reset(&source);
    return row;
}

/* New rows go behind the last one of their problem that was there before; whoever names a program
   by its number is told. */
static void in_place(editing_t *e)
{
    bank_t *b = e->b;
    int *to = ALLOC(int, b->n_program + 1), *after = ALLOC(int, b->n_problem + 1), n = 0;
    program_t *row = ALLOC(program_t, b->n_program + 1);
    int *chain = ALLOC(int, b->n_program + 1); /* new rows of a problem in their order */
    for (int p = 0; p < b->n_problem; p++)
        after[p] = -1;
    for (int i = b->n_program - 1; i >= e->had; i--)
        chain[i] = after[b->program[i].problem], after[b->program[i].problem] = i;
    for (int p = 0; p < b->n_problem; p++)
        e->first[p] = -1;
    for (int i = 0; i < e->had; i++)
        e->first[b->program[i].problem] = i; /* the last one */
    for (int i = 0; i < e->had; i++) {
        int p = b->program[i].problem;
        row[to[i] = n++] = b->program[i];
        for (int k = e->first[p] == i ? after[p] : -1; k >= 0; k = chain[k])
            row[to[k] = n++] = b->program[k];
    }
    ASSERT(n == b->n_program);
    memcpy(b->program, row, (size_t)n * sizeof *row);
    for (int i = 0; i < b->n_verdict; i++)
        b->verdict[i].program = to[b->verdict[i].program];
    for (int i = 0; i < b->n_list; i++)
        for (int k = 0; k < b->list[i].n; k++)
            b->list[i].program[k] = to[b->list[i].program[k]];
    mem_free(row);
    mem_free(to);
    mem_free(after);
    mem_free(chain);
}

/* Lists -------------------------------------------------------------------------------------- */

static int can_be_edited(const bank_t *b, const list_t *l, const comment_t *comment)
{
    int fits = l->suite == SUITE_HELDOUT && l->edit == EDIT_NONE &&
               *comment[b->program[l->program[0]].lang].begin;
    for (int k = 0; k < l->n; k++)
        fits &= b->program[l->program[k]].label == LABEL_EXECUTED &&
                !isnan(b->program[l->program[k]].pass_rate);
    return fits;
}

static void index_programs(editing_t *e, int more)
{
    const bank_t *b = e->b;
    e->first = ALLOC(int, b->n_problem + 1);
    e->next = ALLOC(int, b->n_program + more + 1);
    for (int p = 0; p < b->n_problem; p++)
        e->first[p] = -1;
    for (int i = b->n_program - 1; i >= 0; i--) {
        e->next[i] = e->first[b->program[i].problem];
        e->first[b->program[i].problem] = i;
    }
}

int edits_make(bank_t *b, uint64_t seed, const comment_t comment[LANGS])
{
    editing_t e = {.b = b, .seed = seed, .comment = comment, .had = b->n_program};
    int lists = b->n_list, made = 0, order[A_ROUND];
    index_programs(&e, 4 * lists);
    for (int i = 0; i < lists; i++) {
        if (!can_be_edited(b, &b->list[i], comment))
            continue;
        list_t l = b->list[i];
        if (made % A_ROUND == 0) {
            rng_t r = rng_make(seed, RNG_EDIT, 0, b->problem[l.problem].id.lo ^ (uint64_t)made);
            for (int k = 0; k < A_ROUND; k++)
                order[k] = k + 1;
            rng_shuffle(&r, order, A_ROUND);
        }
        l.suite = SUITE_ADV;
        l.base = i;
        l.edit = (edit_t)order[made++ % A_ROUND];
        for (int k = 0; k < l.n; k++)
            if ((k != l.answer) == edit_of_wrong(l.edit))
                l.program[k] = edited(&e, l.program[k], l.edit);
        PUSH(b->list, b->n_list, b->cap_list, l);
    }
    in_place(&e);
    mem_free(e.first);
    mem_free(e.next);
    return made;
}

int edits_refused(const bank_t *b, const comment_t comment[LANGS])
{
    char *held = ALLOC(char, b->n_problem + 1);
    int lang = -1;
    for (int i = 0; i < b->n_problem; i++)
        held[i] = b->problem[i].split == SUITE_HELDOUT;
    for (int i = 0; i < b->n_list; i++)
        held[b->list[i].problem] |= b->list[i].suite == SUITE_HELDOUT;
    for (int i = 0; i < b->n_program && lang < 0; i++)
        if (held[b->program[i].problem] && !*comment[b->program[i].lang].begin)
            lang = (int)b->program[i].lang;
    mem_free(held);
    return lang;
}

/* Verdicts ----------------------------------------------------------------------------------- */

/* Verdict of each (program, test) as one byte, from at[program]; V_NONE where there is none. */
static char *verdicts_of(const bank_t *b, int64_t *at)
{
    for (int i = 0; i < b->n_program; i++)
        at[i + 1] = at[i] + b->problem[b->program[i].problem].tests;
    char *kind = ALLOC(char, at[b->n_program] + 1);
    for (int i = 0; i < b->n_verdict; i++) {
        const verdict_t *v = &b->verdict[i];
        kind[at[v->program] + v->test - b->problem[b->program[v->program].problem].test] =
            (char)v->verdict;
    }
    return kind;
}

edits_t edits_settle(bank_t *b, void (*say)(void *ctx, int list, const char *why), void *ctx)
{
    edits_t e = {0};
    int64_t *at = ALLOC(int64_t, b->n_program + 1);
    char *kind = verdicts_of(b, at), *keep = ALLOC(char, b->n_list + 1);
    char *counted = ALLOC(char, b->n_program + 1);
    for (int i = 0; i < b->n_list; i++) {
        const list_t *l = &b->list[i];
        int changed = 0, unknown = 0;
        keep[i] = 1;
        for (int k = 0; l->edit && k < l->n; k++) {
            int p = l->program[k], q = b->list[l->base].program[k];
            int64_t n = at[p + 1] - at[p];
            for (int64_t t = 0; p != q && t < n; t++) {
                verdict_kind_t x = (verdict_kind_t)kind[at[p] + t],
                               y = (verdict_kind_t)kind[at[q] + t];
                unknown |= !verdict_says(x) || !verdict_says(y);
                changed |= verdict_says(x) && verdict_says(y) && x != y;
            }
            e.programs += p != q && !counted[p];
            counted[p] |= p != q;
        }
        if (!l->edit)
            continue;
        unknown |= list_check(b, l) != NULL;
        keep[i] = !changed && !unknown;
        e.changed += changed, e.unknown += !changed && unknown;
        e.lists += keep[i], e.of[l->edit] += keep[i];
        if (!keep[i] && say)
            say(ctx, i,
                changed
                    ? "an edited comment changed a verdict"
                    : "an edited program has no verdict on some test, or is another candidate too");
    }
    bank_keep_lists(b, keep);
    mem_free(kind);
    mem_free(at);
    mem_free(keep);
    mem_free(counted);
    return e;
}
