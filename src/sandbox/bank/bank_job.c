/* A program of a bank as a job: texts are pointers into the bank, other right outputs of a test one
   block.  A job is copied when it is submitted, so all this lives for a moment only. */
#include "bank_work.h"
#include <string.h>

static void others(const bank_t *b, const test_t *test, text_t *out)
{
    for (int k = test->accept; k < test->accept + test->accepts; k++)
        wire_put_bytes(out, b->accept[k].output, b->accept[k].n_output);
}

bank_job_t bank_job(const grading_t *g, const bank_t *b, int program, const int *test, int n,
                    const char *const *expect, const size_t *n_expect, limits_t limits)
{
    const program_t *r = &b->program[program];
    const problem_t *p = &b->problem[r->problem];
    const char *harness = work_harness(p, r->lang);
    bank_job_t x = {.text = ALLOC(const char *, 2 * n + 1),
                    .len = ALLOC(size_t, 2 * n + 1),
                    .other = ALLOC(const char *, n + 1),
                    .n_other = ALLOC(size_t, n + 1),
                    .check = ALLOC(check_t, n + 1),
                    .form = ALLOC(form_t, n + 1),
                    .made = ALLOC(text_t, n + 1),
                    .bytes = r->n_source};
    int testlib = 0;
    for (int i = 0; i < n; i++) {
        const test_t *t = &b->test[p->test + test[i]];
        x.text[i] = t->input, x.len[i] = t->n_input;
        x.check[i] = t->check;
        x.form[i] = t->form;
        testlib |= t->check == CHECK_TESTLIB;
        if (expect) {
            x.text[n + i] = expect[i], x.len[n + i] = n_expect[i];
            others(b, t, &x.made[i]);
            x.other[i] = x.made[i].s, x.n_other[i] = x.made[i].len;
        }
        x.bytes += x.len[i] + x.len[n + i] + x.n_other[i];
    }
    x.job = (job_t){.lang = r->lang,
                    .source = r->source,
                    .n_source = r->n_source,
                    .n_test = n,
                    .input = x.text,
                    .n_input = x.len,
                    .expect = x.text + n,
                    .n_expect = x.len + n,
                    .other = x.other,
                    .n_other = x.n_other,
                    .check = x.check,
                    .form = x.form,
                    .checker_lang = p->checker_lang,
                    .checker = p->checker ? p->checker : "",
                    .n_checker = p->checker ? strlen(p->checker) : 0,
                    .harness = harness,
                    .n_harness = harness ? strlen(harness) : 0,
                    .limits = limits};
    if (testlib)
        x.job.testlib = grading_testlib(g, &x.job.n_testlib);
    return x;
}

void bank_job_reset(bank_job_t *x)
{
    for (int i = 0; i < x->job.n_test; i++)
        text_reset(&x->made[i]);
    mem_free(x->text);
    mem_free(x->len);
    mem_free(x->other);
    mem_free(x->n_other);
    mem_free(x->check);
    mem_free(x->form);
    mem_free(x->made);
    *x = (bank_job_t){0};
}

int grading_submit_program(grading_t *g, const bank_t *b, int program, const limits_t *deck,
                           int judged, int64_t ticket)
{
    const limits_t table = limits_default(), all = limits_fill(*deck, &table);
    const problem_t *p = &b->problem[b->program[program].problem];
    int *test = ALLOC(int, p->tests + 1);
    const char **expect = ALLOC(const char *, p->tests + 1);
    size_t *n_expect = ALLOC(size_t, p->tests + 1);
    for (int t = 0; t < p->tests; t++) {
        test[t] = t;
        expect[t] = b->test[p->test + t].output;
        n_expect[t] = b->test[p->test + t].n_output;
    }
    bank_job_t x = bank_job(g, b, program, test, p->tests, judged ? expect : NULL, n_expect,
                            limits_problem(p, &all));
    x.job.ticket = ticket;
    int taken = grading_submit(g, &x.job);
    bank_job_reset(&x);
    mem_free(test);
    mem_free(expect);
    mem_free(n_expect);
    return taken;
}
