// Lists whose comments were edited come back from a file with their edit and their base, piece by piece
// too; a base that is not the same list unedited is refused; files without edits are as they were.
// RUN: np=1,2
#include "io.h"
#include "test.h"
#include "io_child.h"

enum { PROGRAMS = 5 };

/* Problems without tests; list i is of problem i, with 2 to 5 candidates. */
static bank_t make(int problems)
{
    bank_t b = {0};
    for (int i = 0; i < problems; i++) {
        problem_t p = {.id = {1, (uint64_t)i},
                       .split = SUITE_HELDOUT,
                       .family = mem_text("f"),
                       .statement = mem_text("Add."),
                       .example = mem_text(""),
                       .time_ms = 1,
                       .memory_kb = 1};
        list_t l = {.suite = i % 3 == 2 ? SUITE_ADV : SUITE_HELDOUT,
                    .problem = i,
                    .n = 2 + i % 4,
                    .answer = 0};
        PUSH(b.problem, b.n_problem, b.cap_problem, p);
        for (int k = 0; k < PROGRAMS; k++) {
            program_t r = {.problem = i,
                           .pool = POOL_IMPORTED,
                           .source = mem_text("1"),
                           .n_source = 1,
                           .origin = mem_text("x/y"),
                           .core = mem_text(""),
                           .walk = mem_text(""),
                           .pass_rate = k ? 0.1f * (float)k : 1,
                           .label = LABEL_IMPORTED};
            if (k < l.n)
                l.program[k] = b.n_program;
            PUSH(b.program, b.n_program, b.cap_program, r);
        }
        PUSH(b.list, b.n_list, b.cap_list, l);
    }
    return b;
}

/* List `base` once more, with its comments edited. */
static void add_edited(bank_t *b, int base, edit_t edit)
{
    list_t l = b->list[base];
    l.suite = SUITE_ADV, l.edit = edit, l.base = base;
    PUSH(b->list, b->n_list, b->cap_list, l);
}

static int columns(const char *path)
{
    h5_t *f = h5_open(NULL, path, "problems", 99);
    int has = h5_has(f, "list/edit") + h5_has(f, "list/base");
    h5_close(f);
    return has;
}

static void round_trip(group_t *g, const char *path)
{
    bank_t b = make(9), c;
    hash_t without = bank_hash(&b);
    bank_write(g, &b, path, NULL);
    check(columns(path) == 0, "columns that nobody needs");
    bank_read(g, &c, path);
    check(c.list[5].suite == SUITE_ADV && c.list[5].edit == EDIT_NONE, "an old list of adv");
    check(hash_equal(bank_hash(&c), without));
    bank_free(&c);
    for (int e = 1; e < EDITS; e++)
        add_edited(&b, e, (edit_t)e);
    bank_write(g, &b, path, NULL);
    check(columns(path) == 2);
    bank_read(g, &c, path);
    check(hash_equal(bank_hash(&b), bank_hash(&c)) && !hash_equal(bank_hash(&b), without));
    check(c.n_list == 15);
    for (int i = 0; i < c.n_list; i++)
        check(c.list[i].edit == b.list[i].edit && c.list[i].base == b.list[i].base, "list %d", i);
    hash_t h = bank_hash(&c);
    c.list[10].edit = EDIT_WRONG;
    check(!hash_equal(h, bank_hash(&c)), "the edit is not in the hash");
    c.list[10].edit = b.list[10].edit, c.list[10].base = 7;
    check(!hash_equal(h, bank_hash(&c)), "the base is not in the hash");
    c.list[3].base = 8;
    h = bank_hash(&c);
    c.list[3].base = 0;
    check(hash_equal(h, bank_hash(&c)), "a base counts where nothing was edited");
    bank_free(&c);
    bank_free(&b);
}

/* Written piece by piece, bases are moved as lists are. */
static void grown(const char *path)
{
    static const int size[] = {4, 1, 7};
    bank_out_t *o = bank_create(path, NULL, 1);
    bank_t c;
    for (int i = 0; i < 3; i++) {
        bank_t b = make(size[i]);
        if (i != 1)
            add_edited(&b, 3, i ? EDIT_NOVICE : EDIT_WRONG), add_edited(&b, 0, EDIT_CORRECT);
        bank_append(o, &b);
        bank_free(&b);
    }
    check(bank_commit(o) == 16);
    bank_read(NULL, &c, path);
    const int at[] = {4, 5, 14, 15}, base[] = {3, 0, 10, 7};
    for (int i = 0, k = 0; i < c.n_list; i++) {
        int edited = k < 4 && i == at[k];
        check((c.list[i].edit != EDIT_NONE) == edited, "list %d", i);
        check(!edited ||
                  (c.list[i].base == base[k] && c.list[i].problem == c.list[base[k]].problem),
              "list %d", i);
        k += edited;
    }
    bank_free(&c);
}

static void refused(int list, edit_t edit, suite_t suite, int base, int fewer, const char *says)
{
    bank_t b = make(6);
    text_t why = {0};
    add_edited(&b, list, edit);
    b.list[6].suite = suite, b.list[6].base = base, b.list[6].n -= fewer;
    int bad = bank_check(&b, &why);
    check(bad == (says != NULL) && (!says || strstr(why.s, says)), "%s", why.s ? why.s : "taken");
    text_reset(&why);
    bank_free(&b);
}

static void bases(void)
{
    refused(3, EDIT_WRONG, SUITE_ADV, 3, 0, NULL);
    refused(3, EDIT_WRONG, SUITE_ADV, 7, 0,
            "list 6 (suite adv, problem 3): its base is list 7; there are 7");
    refused(3, EDIT_WRONG, SUITE_ADV, -1, 0, "its base is list -1; there are 7");
    refused(3, EDIT_WRONG, SUITE_ADV, 6, 0,
            "its base is list 6, which is not the same list unedited (edit wrong, problem 3");
    refused(3, EDIT_WRONG, SUITE_ADV, 1, 0,
            "its base is list 1, which is not the same list unedited (edit none, problem 1");
    refused(3, EDIT_WRONG, SUITE_HELDOUT, 3, 0,
            "its comments were edited (wrong), which only lists of the suite adv may say");
    refused(3, EDITS, SUITE_ADV, 3, 0, "edit 7 has no name");
    refused(3, (edit_t)-1, SUITE_ADV, 3, 0, "edit -1 has no name");
    refused(
        1, EDIT_WRONG, SUITE_ADV, 1, 1,
        "its base is list 1, which is not the same list unedited (edit none, problem 1, 3 candidates");
}

/* Lists are taken out: bases follow, and whose base goes goes too. */
static void fewer_lists(void)
{
    bank_t b = make(9);
    char keep[12];
    add_edited(&b, 4, EDIT_NOVICE), add_edited(&b, 6, EDIT_WRONG), add_edited(&b, 7, EDIT_CORRECT);
    memset(keep, 1, sizeof keep);
    keep[0] = keep[2] = keep[6] = keep[11] = 0;
    bank_keep_lists(&b, keep);
    check(b.n_list == 7 && !keep[10] && keep[9], "%d lists", b.n_list);
    check(b.list[6].edit == EDIT_NOVICE && b.list[6].base == 2 && b.list[2].problem == 4);
    check(b.list[5].problem == 8 && b.list[5].edit == EDIT_NONE);
    bank_free(&b);
}

/* Whose comments were edited: by what their origin says. */
static void programs(void)
{
    program_t p = {.origin = (char *)(uintptr_t) "far constant, other start"};
    check(!program_edited(&p));
    char *s = program_edit_origin(&p, EDIT_MISLEADING);
    check(!strcmp(s, "edited: misleading, far constant, other start"), "%s", s);
    p.origin = s;
    check(program_edited(&p) && !strcmp(program_edited(&p), "far constant, other start"));
    mem_free(s);
    p.origin = NULL;
    check(!program_edited(&p));
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    group_t *g = comm_world();
    char *dir = child_folder("edits"), path[600];
    snprintf(path, sizeof path, "%s/problems.h5", dir);
    round_trip(g, path);
    comm_barrier(g);
    if (group_rank(g) == 0)
        grown(path);
    bases();
    fewer_lists();
    programs();
    comm_barrier(g);
    child_folder_remove(dir);
    return test_end();
}
