/* Files that are compared: reading them, and which of them belong together.

   A name is a file that `eval` or `select` wrote, or a folder of such files; other files in a folder are
   passed over.  Files of one kind and suite form a block, at most one file of each name.  In a block all
   must have the same lists and as many answers to each, or the caller must say how they are to be made
   alike (--samples, --common): what would be left out silently could be what decides. */
#include "compare_files.h"
#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Reading
   ---------------------------------------------------------------------- */

/* 'e', 's', or 0: another kind of ours.  What cannot be opened at all ends here. */
static int kind_of(const char *path)
{
    h5_t *f = h5_open(NULL, path, NULL, INT_MAX);
    char *format = h5_get_text(f, "/", "format");
    int kind = !format                              ? 0
               : !strcmp(format, "aletheia/eval")   ? 'e'
               : !strcmp(format, "aletheia/select") ? 's'
                                                    : 0;
    mem_free(format);
    h5_close(f);
    return kind;
}

static int imported_of(const numbers_t *t)
{
    const number_t *x = number_find(t, "imported_lists", "all", "");
    return x ? (int)x->value : 0;
}

static void count_answers(rival_t *s)
{
    s->least = INT_MAX;
    for (int i = 0, j; i < s->eval.n_answer; i = j) {
        for (j = i; j < s->eval.n_answer && s->eval.answer[j].list == s->eval.answer[i].list;)
            j++;
        s->least = j - i < s->least ? j - i : s->least;
        s->most = j - i > s->most ? j - i : s->most;
    }
}

static void add_rival(rivals_t *all, int name, const char *path, int kind)
{
    rival_t s = {.name = name, .path = mem_text(path), .select = kind == 's'};
    text_t block = {0};
    if (s.select) {
        s.choice = select_read(path);
        s.suite = s.choice.suite ? s.choice.suite : "";
        s.imported = imported_of(&s.choice.numbers);
        text_addf(&block, "choices of %s", s.suite);
    } else {
        s.eval = eval_read(path);
        s.suite = s.eval.suite;
        s.imported = imported_of(&s.eval.numbers);
        text_add(&block, s.suite);
        count_answers(&s);
    }
    if (!(s.select ? s.choice.n_choice : s.eval.n_answer))
        fail(CODE_DATA, "%s: there is no answer in it", path);
    s.block = mem_text(block.s);
    text_reset(&block);
    for (int i = 0; i < all->n; i++)
        if (all->item[i].name == name && !strcmp(all->item[i].block, s.block))
            fail(CODE_DATA, "%s and %s are both of suite %s: name one of them, not their folder",
                 all->item[i].path, path, s.suite);
    PUSH(all->item, all->n, all->cap, s);
}

static int is_h5(const struct dirent *e)
{
    size_t n = strlen(e->d_name);
    return n > 3 && !strcmp(e->d_name + n - 3, ".h5");
}

static void add_folder(rivals_t *all, int name, const char *folder)
{
    struct dirent **entry;
    int before = all->n, n = scandir(folder, &entry, is_h5, alphasort);
    text_t path = {0};
    for (int i = 0; i < n; i++) {
        text_clear(&path);
        text_addf(&path, "%s/%s", folder, entry[i]->d_name);
        int kind = kind_of(path.s);
        if (kind)
            add_rival(all, name, path.s, kind);
        free(entry[i]);
    }
    if (n >= 0)
        free(entry);
    text_reset(&path);
    if (all->n == before)
        fail(CODE_DATA,
             "%s: no evaluation in this folder: expected files that `aletheia eval` (eval.out) "
             "or `aletheia select` wrote",
             folder);
}

rivals_t rivals_read(char *const *name, int n)
{
    rivals_t all = {0};
    for (int i = 0; i < n; i++) {
        struct stat s;
        if (!stat(name[i], &s) && S_ISDIR(s.st_mode)) {
            add_folder(&all, i, name[i]);
            continue;
        }
        int kind = kind_of(name[i]);
        if (!kind)
            fail(CODE_DATA,
                 "%s: is no evaluation: expected a file that `aletheia eval` (eval.out) or "
                 "`aletheia select` wrote, or a folder of them",
                 name[i]);
        add_rival(&all, i, name[i], kind);
    }
    return all;
}

void rivals_free(rivals_t *all)
{
    for (int i = 0; i < all->n; i++) {
        rival_t *s = &all->item[i];
        mem_free(s->path);
        mem_free(s->block);
        mem_free(s->unit);
        if (s->select)
            select_file_free(&s->choice);
        else
            eval_file_free(&s->eval);
    }
    mem_free(all->item);
    *all = (rivals_t){0};
}

/* Making alike
   ---------------------------------------------------------------------- */

/* Answers to each list that are compared. */
static int samples_of(rival_t *const *s, int n, int asked)
{
    const rival_t *fewest = s[0], *other = NULL;
    for (int i = 0; i < n; i++) {
        if (s[i]->least < fewest->least)
            fewest = s[i];
        if (!other && (s[i]->least != s[i]->most || s[i]->most != s[0]->most))
            other = s[i];
    }
    if (asked > fewest->least)
        fail(CODE_USAGE, "--samples %d: %s has %d answer%s to %s; at most so many can be compared",
             asked, fewest->path, fewest->least, fewest->least == 1 ? "" : "s",
             fewest->least == fewest->most ? "each list" : "some of its lists");
    if (asked)
        return asked;
    if (other && other->least != other->most)
        fail(CODE_DATA,
             "%s has %d answers to some lists and %d to others: name --samples %d to compare the "
             "first %d",
             other->path, other->least, other->most, fewest->least, fewest->least);
    if (other)
        fail(CODE_DATA,
             "%s has K = %d answers to each list, %s has K = %d: name --samples %d to compare the "
             "first %d of each",
             s[0]->path, s[0]->most, other->path, other->most, fewest->least, fewest->least);
    return s[0]->most;
}

static int has_size(const rival_t *s, int programs)
{
    for (int i = 0; i < s->choice.n_choice; i++)
        if (s->choice.choice[i].n == programs)
            return 1;
    return 0;
}

/* The largest number of programs that all chose among. */
static int programs_of(rival_t *const *s, int n, int asked)
{
    int best = 0;
    if (asked > 1)
        fail(CODE_USAGE, "--samples %d: %s holds choices, of which there is one a problem", asked,
             s[0]->path);
    for (int i = 0; i < s[0]->choice.n_choice; i++) {
        int size = s[0]->choice.choice[i].n, in = 0;
        for (int f = 0; f < n && size > best; f++)
            in += has_size(s[f], size);
        best = in == n ? size : best;
    }
    if (!best)
        fail(CODE_DATA,
             "%s and %s never chose among equally many programs: run `aletheia select` with the "
             "same numbers of programs",
             s[0]->path, s[1]->path);
    return best;
}

/* Which lists are compared; what is refused names how many each has. */
static int common_lists(rival_t *const *s, int n, int allowed)
{
    unit_t *unit[COMPARE_MOST] = {NULL};
    int count[COMPARE_MOST] = {0}, whole = 1;
    text_t have = {0};
    const char *what = s[0]->select ? "problem" : "list";
    for (int i = 0; i < n; i++) {
        unit[i] = s[i]->unit;
        count[i] = s[i]->units;
        text_addf(&have, "%s%s has %d %s%s", i ? ", " : "", s[i]->path, count[i], what,
                  count[i] == 1 ? "" : "s");
    }
    int common = units_common(unit, count, n);
    for (int i = 0; i < n; i++)
        whole &= count[i] == common;
    if (!common)
        fail(CODE_DATA,
             "%s: %s has none of them in common; verifiers are compared on the same %ss: run "
             "`aletheia %s` on the same problem file",
             have.s, n == 2 ? "the pair" : "all together", what, s[0]->select ? "select" : "eval");
    if (!whole && !allowed)
        fail(CODE_DATA, "%s: %d are in %s; name --common to compare on these alone", have.s, common,
             n == 2 ? "both" : "all of them");
    text_reset(&have);
    return common;
}

void block_make(block_t *b, int samples, int common)
{
    rival_t **s = b->rival;
    b->samples = s[0]->select ? 1 : samples_of(s, b->n, samples);
    b->programs = s[0]->select ? programs_of(s, b->n, samples) : 0;
    for (int i = 0; i < b->n; i++) {
        s[i]->unit =
            ALLOC(unit_t, 1 + (s[i]->select ? s[i]->choice.n_choice : s[i]->eval.n_answer));
        s[i]->units = s[i]->select ? units_of_choices(s[i]->choice.choice, s[i]->choice.n_choice,
                                                      b->programs, s[i]->unit)
                                   : units_of_answers(s[i]->eval.answer, s[i]->eval.n_answer,
                                                      b->samples, s[i]->unit);
    }
    b->lists = common_lists(s, b->n, common);
}
