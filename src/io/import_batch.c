/* A batch of lines as a bank.

   Lines with the same prompt_id and query are one problem.  Equal programs of one
   generator, with the same rate, are one program, with origin
   PROMPT_ID/GENERATOR#NUMBER (+MODIFICATION); where an equal program comes again with
   another rate, both stay, each with its own, and the place is noted (clash).

   A line of a judge set is one or more lists of one problem: programs that pass everything or
   nothing, named PROMPT_ID/WHO#NUMBER(+STYLE).

   A problem that has tests is to be executed: its programs have no pass rate yet, and
   what the file says of them stands beside the bank, to be compared.  Without tests what
   the file says is the label, and says so (LABEL_IMPORTED).

   A pure function of the batch's bytes: all ranks have the same bank when one of them has
   sent it.  Programs are found by a hash of what they are, in a table of the batch. */
#include "import.h"
#include <math.h>
#include <string.h>

/* What a tests file says of one problem, into p and the reader's bank. */
void import_tests(bank_reader_t *m, const field_t *f, problem_t *p)
{
    static const char *const known[] = {"prompt_id",       "tests",
                                        "checker",         "time_ms",
                                        "memory_kb",       "setup",
                                        "calls",           "test",
                                        "entry_point",     "test_list",
                                        "test_setup_code", "test_imports",
                                        CHECK_OPTIONS,     NULL};
    bank_json_left_alone(m, f, known);
    p->time_ms = (int)field_int_or(f, "time_ms", 10, 600000, m->time_ms);
    p->memory_kb = (int)field_int_or(f, "memory_kb", 8192, 67108864, m->memory_kb);
    bank_json_tests(m, f, p);
    for (int i = p->test; i < p->test + p->tests; i++) {
        test_t *t = &m->b->test[i];
        if (!t->output && t->check < CHECK_SPECIAL)
            field_bad(f, "tests",
                      "test %d has no output, and there is no reference program whose output it "
                      "could be",
                      i - p->test + 1);
        t->output = t->output ? t->output : mem_text("");
    }
}

/* The parts of a line in a batch; where the next one begins. */
typedef struct {
    import_head_t h;
    const char *path, *line, *tests_path, *tests;
} packed_t;

static size_t unpack(packed_t *p, const char *batch, size_t at)
{
    memcpy(&p->h, batch + at, sizeof p->h);
    p->path = batch + at + sizeof p->h;
    p->line = p->path + p->h.n_path;
    p->tests_path = p->line + p->h.n_line;
    p->tests = p->tests_path + p->h.n_tests_path;
    return (size_t)(p->tests + p->h.n_tests - batch);
}

int import_tested(const char *batch, size_t n)
{
    packed_t p;
    int tested = 0;
    for (size_t at = 0; at < n;) {
        at = unpack(&p, batch, at);
        tested |= p.h.kind == LINE_PROBLEM || p.h.n_tests > 0;
    }
    return tested;
}

typedef struct {
    import_batch_t *b;
    bank_reader_t reader;
    int *slot; /* programs by what they are, open addressing; 0: free, else 1 + program */
    hash_t *key;
    int64_t slots, used;
    int programs; /* of the current problem, in its names */
} building_t;

/* The program under a name; -1: none.  Then `otherwise` has it from here on, unless below 0. */
static int look_up(building_t *g, hash_t key, int otherwise)
{
    if (2 * g->used >= g->slots) {
        building_t old = *g;
        g->slots = old.slots ? 2 * old.slots : 1024;
        g->slot = ALLOC(int, g->slots);
        g->key = ALLOC(hash_t, g->slots);
        g->used = 0;
        for (int64_t i = 0; i < old.slots; i++)
            if (old.slot[i])
                look_up(g, old.key[i], old.slot[i] - 1);
        mem_free(old.slot);
        mem_free(old.key);
    }
    int64_t i = (int64_t)(key.lo % (uint64_t)g->slots);
    while (g->slot[i] && !hash_equal(g->key[i], key))
        i = (i + 1) % g->slots;
    if (g->slot[i])
        return g->slot[i] - 1;
    if (otherwise >= 0)
        g->slot[i] = otherwise + 1, g->key[i] = key, g->used++;
    return -1;
}

/* What stands beside program i. */
static void beside(import_batch_t *b, int i, float said, import_place_t at)
{
    int j = i;
    PUSH(b->said, i, b->cap_said, said);
    PUSH(b->program_at, j, b->cap_program_at, at);
}

/* PROMPT_ID/GENERATOR#NUMBER: a slash separates problem and program, so a generator's own become
   colons. */
static char *origin_of(const import_list_t *l, int number)
{
    text_t t = {0};
    text_addf(&t, "%s/", l->prompt);
    size_t at = t.len;
    text_addf(&t, "%s#%d%s%s", l->generator, number, *l->modification ? "+" : "", l->modification);
    for (char *s = t.s + at; (s = strchr(s, '/'));)
        *s = ':';
    return t.s;
}

static int program_of(building_t *g, const import_list_t *l, int k, import_place_t at)
{
    import_batch_t *b = g->b;
    int problem = b->bank.n_problem - 1, tested = b->bank.problem[problem].tests > 0;
    float rate = (float)l->rate[k];
    const char *source = l->candidate[k];
    hash_t id = hash_more(hash_bytes(lang_names[l->lang], strlen(lang_names[l->lang])), source,
                          strlen(source));
    hash_t text = hash_more(id, &problem, sizeof problem);
    hash_t own =
        hash_more(hash_more(text, l->generator, strlen(l->generator) + 1), &rate, sizeof rate);
    own = hash_more(own, l->modification, strlen(l->modification));
    int n = b->bank.n_program, same = look_up(g, own, n), equal = look_up(g, text, n);
    if (equal >= 0 && b->said[equal] != rate)
        PUSH(b->clash, b->n_clash, b->cap_clash, at);
    if (same >= 0)
        return same;
    program_t p = {.id = id,
                   .problem = problem,
                   .lang = l->lang,
                   .pool = POOL_IMPORTED,
                   .source = mem_text(source),
                   .n_source = strlen(source),
                   .origin = origin_of(l, ++g->programs),
                   .core = mem_text(""),
                   .walk = mem_text(""),
                   .pass_rate = tested ? NAN : rate,
                   .label = tested ? LABEL_EXECUTED : LABEL_IMPORTED};
    beside(b, n, rate, at);
    PUSH(b->bank.program, b->bank.n_program, b->bank.cap_program, p);
    return n;
}

static void begin_problem(building_t *g, const packed_t *p, const char *statement,
                          const char *family)
{
    problem_t q = {.id = hash_bytes(statement, strlen(statement)),
                   .split = SUITE_HELDOUT,
                   .time_ms = p->h.time_ms,
                   .memory_kb = p->h.memory_kb,
                   .test = g->b->bank.n_test};
    g->programs = 0;
    if (p->h.n_tests) {
        text_t where = {0}, tests = {0};
        const char *path = g->reader.path;
        text_addn(&tests, p->tests_path, (size_t)p->h.n_tests_path);
        text_add(&where, tests.s);
        text_addf(&where, ":%d", p->h.tests_line);
        g->reader.path = tests.s;
        field_t f = field_line(where.s, p->tests, (size_t)p->h.n_tests);
        import_tests(&g->reader, &f, &q);
        field_close(f);
        text_reset(&where);
        text_reset(&tests);
        g->reader.path = path;
    }
    q.family = mem_text(family);
    q.statement = mem_text(statement);
    q.example = mem_text("");
    q.checker = q.checker ? q.checker : mem_text("");
    q.harness = mem_text("");
    PUSH(g->b->bank.problem, g->b->bank.n_problem, g->b->bank.cap_problem, q);
}

static void add_list(building_t *g, const packed_t *p, const field_t *f)
{
    import_batch_t *b = g->b;
    import_list_t one;
    int base = 3;
    import_list(&g->reader, &one, f, (suite_t)p->h.suite, &base);
    b->line[b->n_line - 1].idx = mem_text(one.idx);
    if (p->h.begins)
        begin_problem(g, p, one.query, "imported");
    list_t l = {.suite = one.suite,
                .problem = b->bank.n_problem - 1,
                .n = one.n,
                .answer = one.answer};
    if (one.suite == SUITE_TRAIN)
        b->bank.problem[l.problem].split = SUITE_TRAIN;
    for (int k = 0; k < one.n; k++)
        l.program[k] = program_of(g, &one, k, (import_place_t){b->n_line - 1, k});
    int n = b->bank.n_list;
    PUSH(b->list_at, n, b->cap_list_at, ((import_place_t){b->n_line - 1, 0}));
    PUSH(b->bank.list, b->bank.n_list, b->bank.cap_list, l);
}

/* The lists of a line of a judge set. */
static void add_judged(building_t *g, const packed_t *p, const field_t *f)
{
    import_batch_t *b = g->b;
    import_judge_t j;
    char id[300];
    import_judge(&j, f, p->h.set);
    snprintf(id, sizeof id, *j.id ? "%s" : "#%.0s%d", j.id, p->h.line);
    b->line[b->n_line - 1].idx = mem_text(j.id);
    if (p->h.begins) {
        begin_problem(g, p, j.statement.s, j.family.s);
        b->bank.problem[b->bank.n_problem - 1].difficulty = j.difficulty;
    }
    list_t l = {.suite = (suite_t)p->h.suite, .problem = b->bank.n_problem - 1, .n = j.length};
    if (l.suite == SUITE_TRAIN)
        b->bank.problem[l.problem].split = SUITE_TRAIN;
    for (int k = 0; k < j.lists; k++) {
        int pick[5], n = b->bank.n_list;
        import_judge_list(&j, k, pick);
        l.answer = import_judge_place(p->h.seed, p->h.at + k, j.length, pick + 1);
        for (int i = 0, wrong = 1; i < l.n; i++) {
            int t = i == l.answer ? 0 : wrong++;
            import_list_t one = {.prompt = id, .lang = j.lang, .n = 1};
            one.generator = j.text[pick[t]].by, one.modification = j.text[pick[t]].style;
            one.candidate[0] = j.text[pick[t]].text, one.rate[0] = pick[t] < j.right;
            l.program[i] = program_of(g, &one, 0, (import_place_t){b->n_line - 1, i});
        }
        PUSH(b->list_at, n, b->cap_list_at, ((import_place_t){b->n_line - 1, 0}));
        PUSH(b->bank.list, b->bank.n_list, b->bank.cap_list, l);
    }
    import_judge_free(&j);
}

static void add_problem(building_t *g, const field_t *f)
{
    import_batch_t *b = g->b;
    int first = b->bank.n_program;
    bank_bads_t twice = {0};
    bank_json_problem(&g->reader, f);
    bank_json_ids(&g->reader, &twice);
    ASSERT(!twice.n);
    b->line[b->n_line - 1].idx = mem_text("");
    for (int i = first; i < b->bank.n_program; i++) {
        beside(b, i, b->bank.program[i].pass_rate, (import_place_t){b->n_line - 1, i - first});
        b->bank.program[i].pass_rate = NAN;
    }
}

void import_read(import_batch_t *b, const char *batch, size_t n)
{
    *b = (import_batch_t){0};
    building_t g = {.b = b, .reader = {.b = &b->bank, .rates = 1, .quiet = 1}};
    for (size_t at = 0; at < n;) {
        packed_t p;
        at = unpack(&p, batch, at);
        text_t path = {0}, where = {0};
        text_addn(&path, p.path, (size_t)p.h.n_path);
        text_addf(&where, "%s:%d", path.s, p.h.line);
        import_line_t line = {path.s, NULL, p.h.line};
        PUSH(b->line, b->n_line, b->cap_line, line);
        g.reader.path = path.s, g.reader.line = p.h.line;
        g.reader.time_ms = p.h.time_ms, g.reader.memory_kb = p.h.memory_kb;
        field_t f = field_line(where.s, p.line, (size_t)p.h.n_line);
        if (p.h.kind == LINE_LIST)
            add_list(&g, &p, &f);
        else if (p.h.kind == LINE_JUDGE)
            add_judged(&g, &p, &f);
        else
            add_problem(&g, &f);
        field_close(f);
        text_reset(&where);
    }
    bank_json_end(&g.reader);
    mem_free(g.slot);
    mem_free(g.key);
}

void import_batch_free(import_batch_t *b)
{
    for (int i = 0; i < b->n_line; i++) {
        mem_free(b->line[i].file);
        mem_free(b->line[i].idx);
    }
    bank_free(&b->bank);
    mem_free(b->said);
    mem_free(b->program_at);
    mem_free(b->list_at);
    mem_free(b->line);
    mem_free(b->clash);
    *b = (import_batch_t){0};
}
