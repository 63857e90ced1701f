/* A program made ready to run: compiled, or given to Python's process.

   A job has up to three at a time: the program under test, for runs on standard input
   and for calls, and its special checker.  Python's process is one per program; box_t
   names the one whose runs are forked now (`program`) and all of them (`loaded`), so
   that those that wait are not taken for guests.

   Without a zygote Python programs lie in the scratch, and every run starts an
   interpreter: python_cold.c. */
#include "box.h"
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

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
    } else if (p->lang == LANG_PYTHON && !p->cold) {
        pid_t had = b->program;
        int had_fd = b->program_fd;
        b->program = 0;
        b->program_fd = -1;
        p->subcode = python_load(b, what, kind, &p->message, &p->verdict);
        p->pid = b->program;
        b->loaded[kind] = p->pid;
        p->fd = b->program_fd;
        b->program = had;
        b->program_fd = had_fd;
    } else if (p->cold) {
        p->subcode = cold_check(b, what, &p->message, &p->verdict);
    } else {
        p->subcode =
            built_open(b, &p->built, what, &p->message, &p->verdict, &p->compiled);
    }
}

/* The files that a run of it needs in the (clean) scratch, and what starts it. */
void ready_use(box_t *b, ready_t *p, guest_t *r)
{
    static const char *const names[] = {"input", "expected", "output"};
    int n = 0;
    if (!streams_source(b, p->built.file ? "" : b->languages.row[p->lang].file, p->source, p->n_source))
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
    for (int i = 0; n && p->kind == READY_CHECKER && i < 3; i++)
        p->argv[n++] = names[i];
    p->argv[n] = NULL;
    if (n)
        r->argv = p->argv;
}

void ready_close(box_t *b, ready_t *p)
{
    b->program = p->pid;
    b->program_fd = p->fd;
    python_unload(b);
    b->loaded[p->kind] = 0;
    built_close(&p->built);
    text_reset(&p->message);
    *p = (ready_t){.built = {.exe = -1, .bundle = -1}, .fd = -1, .kind = p->kind};
}
