/* A program made ready to run: compiled, or given to Python's process.

   A job has up to three at a time: the program under test, for runs on standard input
   and for calls, and its special checker.  Python's process is one per program; box_t
   names the one whose runs are forked now (`program`) and all of them (`loaded`), so
   that those that wait are not taken for guests.

   Python with a harness: the harness is the program that is loaded, and what is to be
   tested lies beside it as solution.py before every run; whether that compiles at all is
   tried first.

   Without a zygote Python programs lie in the scratch, and every run starts an
   interpreter: python_cold.c. */
#include "sandbox/language/compile.h"
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static const char *load(box_t *b, ready_t *p, const job_t *what)
{
    const char *subcode;
    if (p->cold)
        return cold_check(b, what, &p->message, &p->verdict);
    pid_t had = b->program;
    int had_fd = b->program_fd;
    b->program = 0;
    b->program_fd = -1;
    subcode = python_load(b, what, p->kind, &p->message, &p->verdict);
    p->pid = b->program;
    b->loaded[ready_is_checker(p->kind) ? READY_CHECKER : p->kind] = p->pid;
    p->fd = b->program_fd;
    b->program = had;
    b->program_fd = had_fd;
    return subcode;
}

static void unload(box_t *b, ready_t *p)
{
    b->program = p->pid;
    b->program_fd = p->fd;
    python_unload(b);
    b->loaded[ready_is_checker(p->kind) ? READY_CHECKER : p->kind] = 0;
    p->pid = 0;
    p->fd = -1;
}

static void load_harness(box_t *b, ready_t *p, const job_t *what)
{
    job_t harness = *what;
    harness.source = what->harness;
    harness.n_source = what->n_harness;
    p->subcode = load(b, p, what);
    unload(b, p);
    if (!p->subcode &&
        !(box_clean(b) && compile_put(b, "solution.py", what->source, what->n_source))) {
        text_add(&p->message, "the source does not fit into [sandbox] scratch_kb");
        p->verdict = V_COMPILE_ERROR;
        p->subcode = subcode_text("compiler");
    }
    box_clean(b);
    if (p->subcode)
        return;
    p->beside = (built_file_t){"solution.py", what->source, what->n_source};
    p->source = harness.source;
    p->n_source = harness.n_source;
    p->subcode = load(b, p, &harness);
    if (p->subcode && p->verdict == V_COMPILE_ERROR) {
        p->verdict = V_CHECKER_FAULT;
        p->subcode = subcode_text("harness");
    }
}

int ready_is_checker(ready_kind_t kind)
{
    return kind == READY_CHECKER || kind == READY_KATTIS || kind == READY_TESTLIB;
}

void ready_open(box_t *b, ready_t *p, const job_t *what, ready_kind_t kind)
{
    *p = (ready_t){.lang = what->lang,
                   .source = what->source,
                   .n_source = what->n_source,
                   .built = {.exe = -1, .bundle = -1},
                   .fd = -1,
                   .kind = kind,
                   .cold = b->degraded && what->lang == LANG_PYTHON};
    if (!b->languages.row[p->lang].name) {
        text_add(&p->message, "this language has no row in the table of languages");
        p->verdict = V_FAULT;
        p->subcode = "no toolchain";
    } else if (p->lang != LANG_PYTHON) {
        p->subcode = built_open(b, &p->built, what, ready_is_checker(kind), &p->message,
                                &p->verdict, &p->compiled);
    } else if (what->harness && kind == READY_PLAIN) {
        load_harness(b, p, what);
    } else {
        p->subcode = load(b, p, what);
    }
}

/* The files that a run of it needs in the (clean) scratch, and what starts it. */
void ready_use(box_t *b, ready_t *p, guest_t *r)
{
    static const char *const ours[] = {"input", "expected", "output"},
                             *const kattis[] = {"input", "expected", "feedback/"},
                             *const testlib[] = {"input", "output", "expected"};
    const char *const *names = p->kind == READY_KATTIS    ? kattis
                               : p->kind == READY_TESTLIB ? testlib
                                                          : ours;
    int n = 0;
    if (!streams_source(b, p->built.n_file ? "" : b->languages.row[p->lang].file, p->source,
                        p->n_source))
        b->tainted = 1;
    b->program = p->pid;
    b->program_fd = p->fd;
    r->exe = p->built.exe;
    r->argv = NULL;
    if (p->built.run.n) {
        r->variables = &p->built.variables;
        if (!built_place(b, &p->built))
            b->tainted = 1; /* what it says then does not count */
        for (; n < p->built.run.n; n++)
            p->argv[n] = p->built.run.word[n];
    } else if (p->cold) {
        if (!cold_put(b, p->source, p->n_source))
            b->tainted = 1;
        n = cold_words(b, p->kind, p->argv);
    }
    if (p->beside.name && !compile_put(b, p->beside.name, p->beside.s, p->beside.n))
        b->tainted = 1;
    for (int i = 0; n && ready_is_checker(p->kind) && i < 3; i++)
        p->argv[n++] = names[i];
    p->argv[n] = NULL;
    if (n)
        r->argv = p->argv;
}

void ready_close(box_t *b, ready_t *p)
{
    unload(b, p);
    built_close(&p->built);
    text_reset(&p->message);
    *p = (ready_t){.built = {.exe = -1, .bundle = -1}, .fd = -1, .kind = p->kind};
}
