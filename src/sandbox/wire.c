/* How jobs and answers travel: flat bytes, the same between rank and keeper (socket
   pair), keeper and launcher (socket pair), client and grader rank (mail).

   Every integer is an int64 in the host's order (one machine type per run), every
   string its length, its bytes and a NUL, so that a reader may use it in place.  A
   frame on a stream is {length, kind, payload}.  Readers check each length against what
   is left: a damaged message yields `bad`, never a wild pointer.  Sub-codes are texts
   from one closed table, sent as text and looked up at the other end, so that an
   outcome can hold a static pointer.

   Both ends of a stream are non-blocking and buffered without bound: neither side can
   dead-lock the other, and a rank never waits for a keeper that is busy starting
   programs. */
#include "wire.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *const subcodes[] = {"",
                                       "cpu",
                                       "wall",
                                       "security",
                                       "stdout",
                                       "stderr",
                                       "resident",
                                       "allocation",
                                       "file size",
                                       "exit status",
                                       "signal",
                                       "syntax",
                                       "compiler",
                                       "compiler time",
                                       "compiler memory",
                                       "no sandbox",
                                       "launcher",
                                       "no toolchain",
                                       "start",
                                       "damaged message",
                                       "no answer",
                                       "not plain data",
                                       "answer",
                                       "bad test",
                                       "checker exit",
                                       "checker crash",
                                       "checker limit",
                                       "checker compile",
                                       "checker files",
                                       "harness",
                                       "test program",
                                       "test limit"};

const char *subcode_text(const char *s)
{
    for (size_t i = 0; s && i < sizeof subcodes / sizeof *subcodes; i++)
        if (!strcmp(s, subcodes[i]))
            return subcodes[i];
    return subcodes[0];
}

void wire_put_i64(text_t *t, int64_t x)
{
    text_addn(t, (const char *)&x, sizeof x);
}

void wire_put_bytes(text_t *t, const char *p, size_t n)
{
    wire_put_i64(t, (int64_t)n);
    text_addn(t, p, n);
    text_addn(t, "", 1);
}

int64_t wire_i64(wire_in_t *w)
{
    int64_t x = 0;
    if (w->bad || w->n - w->at < sizeof x) {
        w->bad = 1;
        return 0;
    }
    memcpy(&x, w->p + w->at, sizeof x);
    w->at += sizeof x;
    return x;
}

void wire_put_f64(text_t *t, double x)
{
    int64_t bits;
    memcpy(&bits, &x, sizeof bits);
    wire_put_i64(t, bits);
}

double wire_f64(wire_in_t *w)
{
    int64_t bits = wire_i64(w);
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

const char *wire_bytes(wire_in_t *w, size_t *n)
{
    int64_t len = wire_i64(w);
    *n = 0;
    if (w->bad || len < 0 || (size_t)len >= w->n - w->at) {
        w->bad = 1;
        return "";
    }
    const char *p = w->p + w->at;
    w->at += (size_t)len + 1;
    *n = (size_t)len;
    return p;
}

static int *limit_field(limits_t *l, int i)
{
    int *const f[] = {&l->cpu_ms,          &l->wall_ms,
                      &l->memory_kb,       &l->output_kb,
                      &l->processes,       &l->file_kb,
                      &l->scratch_kb,      &l->compile_cpu_ms,
                      &l->compile_wall_ms, &l->compile_memory_kb,
                      &l->compile_file_kb, &l->stack_kb,
                      &l->stderr_kb,       &l->compare.nocase,
                      &l->compare.spaces};
    return i < (int)(sizeof f / sizeof *f) ? f[i] : NULL;
}

void wire_put_limits(text_t *t, const limits_t *l)
{
    limits_t copy = *l;
    for (int i = 0; limit_field(&copy, i); i++)
        wire_put_i64(t, *limit_field(&copy, i));
    wire_put_f64(t, l->compare.absolute);
    wire_put_f64(t, l->compare.relative);
}

limits_t wire_limits(wire_in_t *w)
{
    limits_t l = {0};
    for (int i = 0; limit_field(&l, i); i++)
        *limit_field(&l, i) = (int)wire_i64(w);
    l.compare.absolute = wire_f64(w);
    l.compare.relative = wire_f64(w);
    return l;
}

/* jobs ------------------------------------------------------------------------------- */

static void put_optional(text_t *t, const char *p, size_t n)
{
    wire_put_i64(t, p != NULL);
    if (p)
        wire_put_bytes(t, p, n);
}

static const char *optional(wire_in_t *w, size_t *n)
{
    *n = 0;
    return wire_i64(w) ? wire_bytes(w, n) : NULL;
}

void wire_put_job(text_t *t, const job_t *j, int with_ticket)
{
    if (with_ticket)
        wire_put_i64(t, j->ticket);
    wire_put_i64(t, j->lang);
    wire_put_i64(t, j->stop_at_first);
    wire_put_limits(t, &j->limits);
    wire_put_bytes(t, j->source, j->n_source);
    wire_put_i64(t, j->checker_lang);
    wire_put_bytes(t, j->checker ? j->checker : "", j->n_checker);
    put_optional(t, j->testlib, j->n_testlib);
    put_optional(t, j->harness, j->n_harness);
    wire_put_i64(t, j->output_of);
    wire_put_i64(t, j->n_test);
    for (int i = 0; i < j->n_test; i++) {
        wire_put_bytes(t, j->input[i], j->n_input[i]);
        wire_put_i64(t, j->check ? j->check[i] : CHECK_TOKENS);
        wire_put_i64(t, j->form ? j->form[i] : FORM_STDIN);
        put_optional(t, j->expect ? j->expect[i] : NULL, j->expect ? j->n_expect[i] : 0);
        put_optional(t, j->other ? j->other[i] : NULL, j->other ? j->n_other[i] : 0);
    }
}

int wire_job(wire_in_t *w, job_t *j)
{
    *j = (job_t){.ticket = wire_i64(w)};
    j->lang = (lang_t)wire_i64(w);
    j->stop_at_first = (int)wire_i64(w);
    j->limits = wire_limits(w);
    j->source = wire_bytes(w, &j->n_source);
    j->checker_lang = (lang_t)wire_i64(w);
    j->checker = wire_bytes(w, &j->n_checker);
    j->testlib = optional(w, &j->n_testlib);
    j->harness = optional(w, &j->n_harness);
    j->output_of = (int)wire_i64(w);
    int64_t n = wire_i64(w);
    if (w->bad || n < 0 || n > (int64_t)w->n || (int)j->lang < 0 || (int)j->lang >= LANG_MOST ||
        (int)j->checker_lang < 0 || (int)j->checker_lang >= LANG_MOST)
        return 0;
    j->n_test = (int)n;
    j->input = ALLOC(const char *, n + 1);
    j->n_input = ALLOC(size_t, n + 1);
    j->expect = ALLOC(const char *, n + 1);
    j->n_expect = ALLOC(size_t, n + 1);
    j->other = ALLOC(const char *, n + 1);
    j->n_other = ALLOC(size_t, n + 1);
    check_t *check = ALLOC(check_t, n + 1);
    form_t *form = ALLOC(form_t, n + 1);
    j->check = check;
    j->form = form;
    for (int i = 0; i < n; i++) {
        j->input[i] = wire_bytes(w, (size_t *)&j->n_input[i]);
        check[i] = (check_t)wire_i64(w);
        form[i] = (form_t)wire_i64(w);
        j->expect[i] = optional(w, (size_t *)&j->n_expect[i]);
        j->other[i] = optional(w, (size_t *)&j->n_other[i]);
    }
    if (w->bad)
        wire_job_reset(j);
    return !w->bad;
}

void wire_job_reset(job_t *j)
{
    mem_free((void *)j->input);
    mem_free((void *)j->n_input);
    mem_free((void *)j->expect);
    mem_free((void *)j->n_expect);
    mem_free((void *)j->other);
    mem_free((void *)j->n_other);
    mem_free((void *)j->check);
    mem_free((void *)j->form);
    *j = (job_t){0};
}

/* answers ---------------------------------------------------------------------------- */

void wire_put_done(text_t *t, const done_t *d)
{
    wire_put_i64(t, d->ticket);
    wire_put_i64(t, d->n_test);
    wire_put_i64(t, d->compiled);
    wire_put_i64(t, d->runs);
    wire_put_i64(t, (int64_t)(d->busy_s * 1e9));
    wire_put_bytes(t, d->message, strlen(d->message));
    for (int i = 0; i < d->n_test; i++) {
        const outcome_t *o = &d->outcome[i];
        int64_t x[] = {o->verdict,          o->exit,      o->signal,       o->cpu_us,
                       o->wall_us,          o->memory_kb, o->stdout_bytes, o->stderr_bytes,
                       o->first_difference, o->runs};
        text_addn(t, (const char *)x, sizeof x);
        wire_put_bytes(t, o->got, (size_t)o->n_got);
        wire_put_bytes(t, o->want, (size_t)o->n_want);
        wire_put_bytes(t, o->subcode, strlen(o->subcode));
        wire_put_i64(t, o->scored);
        wire_put_f64(t, o->score);
        wire_put_bytes(t, o->words, (size_t)o->n_words);
        wire_put_i64(t, d->output[i] != NULL);
        if (d->output[i])
            wire_put_bytes(t, d->output[i], d->n_output[i]);
    }
}

static done_t *done_new(int64_t ticket, int n_test)
{
    done_t *d = ALLOC(done_t, 1);
    d->ticket = ticket;
    d->n_test = n_test;
    d->outcome = ALLOC(outcome_t, n_test + 1);
    d->output = ALLOC(char *, n_test + 1);
    d->n_output = ALLOC(size_t, n_test + 1);
    return d;
}

static int wire_excerpt(wire_in_t *w, char *to, size_t most)
{
    size_t len;
    const char *s = wire_bytes(w, &len);
    w->bad |= len > most;
    len = w->bad ? 0 : len;
    memcpy(to, s, len);
    return (int)len;
}

static void wire_outcome(wire_in_t *w, outcome_t *o)
{
    int64_t x[10];
    size_t len;
    for (size_t f = 0; f < sizeof x / sizeof *x; f++)
        x[f] = wire_i64(w);
    *o = (outcome_t){.verdict = (verdict_kind_t)x[0],
                     .exit = (int)x[1],
                     .signal = (int)x[2],
                     .cpu_us = x[3],
                     .wall_us = x[4],
                     .memory_kb = x[5],
                     .stdout_bytes = x[6],
                     .stderr_bytes = x[7],
                     .first_difference = x[8],
                     .runs = (int)x[9]};
    o->n_got = wire_excerpt(w, o->got, EXCERPT);
    o->n_want = wire_excerpt(w, o->want, EXCERPT);
    o->subcode = subcode_text(wire_bytes(w, &len));
    o->scored = (int)wire_i64(w);
    o->score = wire_f64(w);
    o->n_words = wire_excerpt(w, o->words, WORDS);
}

done_t *wire_done(wire_in_t *w)
{
    int64_t ticket = wire_i64(w), n = wire_i64(w);
    if (w->bad || n < 0 || n > (int64_t)w->n)
        return NULL;
    done_t *d = done_new(ticket, (int)n);
    d->compiled = (int)wire_i64(w);
    d->runs = (int)wire_i64(w);
    d->busy_s = (double)wire_i64(w) * 1e-9;
    size_t len;
    d->message = mem_text(wire_bytes(w, &len));
    for (int i = 0; i < n; i++) {
        wire_outcome(w, &d->outcome[i]);
        if (wire_i64(w)) {
            const char *p = wire_bytes(w, &len);
            d->output[i] = mem_new(len + 1);
            memcpy(d->output[i], p, len);
            d->n_output[i] = len;
        }
    }
    if (w->bad) {
        done_free(d);
        return NULL;
    }
    return d;
}

done_t *wire_fault(int64_t ticket, int n_test, const char *subcode, const char *why)
{
    done_t *d = done_new(ticket, n_test);
    d->message = mem_text(why);
    for (int i = 0; i < n_test; i++)
        d->outcome[i] = (outcome_t){.verdict = V_FAULT,
                                    .subcode = subcode_text(subcode),
                                    .exit = -1,
                                    .first_difference = -1};
    return d;
}

void done_free(done_t *d)
{
    if (!d)
        return;
    for (int i = 0; i < d->n_test; i++)
        mem_free(d->output[i]);
    mem_free(d->outcome);
    mem_free(d->output);
    mem_free(d->n_output);
    mem_free(d->message);
    mem_free(d);
}

/* frames ----------------------------------------------------------------------------- */

void frame_put(pipe_end_t *e, int kind, const text_t *payload)
{
    wire_put_i64(&e->out, (int64_t)(payload ? payload->len : 0));
    wire_put_i64(&e->out, kind);
    if (payload)
        text_addn(&e->out, payload->s, payload->len);
}

int frame_waiting(const pipe_end_t *e)
{
    return !e->closed && e->out_at < e->out.len;
}

void frame_pump(pipe_end_t *e, int readable)
{
    while (frame_waiting(e)) {
        ssize_t n =
            send(e->fd, e->out.s + e->out_at, e->out.len - e->out_at, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
            e->closed = 1;
        if (n <= 0)
            break;
        e->out_at += (size_t)n;
    }
    if (e->out_at == e->out.len) {
        e->out_at = 0;
        e->out.cap > 1 << 20 ? text_reset(&e->out) : text_clear(&e->out);
    }
    if (e->in_at) { /* frames already taken go */
        memmove(e->in.s, e->in.s + e->in_at, e->in.len - e->in_at);
        e->in.len -= e->in_at;
        e->in_at = 0;
        if (!e->in.len && e->in.cap > 1 << 20)
            text_reset(&e->in);
    }
    while (readable && !e->closed) {
        char part[1 << 16];
        ssize_t n = recv(e->fd, part, sizeof part, MSG_DONTWAIT);
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK))
            e->closed = 1;
        if (n <= 0)
            break;
        text_addn(&e->in, part, (size_t)n);
        if (n < (ssize_t)sizeof part)
            break;
    }
}

int frame_get(pipe_end_t *e, int *kind, wire_in_t *w)
{
    int64_t head[2];
    if (e->in.len - e->in_at < sizeof head)
        return 0;
    memcpy(head, e->in.s + e->in_at, sizeof head);
    if (head[0] < 0 || e->in.len - e->in_at - sizeof head < (size_t)head[0])
        return 0;
    *kind = (int)head[1];
    *w = (wire_in_t){.p = e->in.s + e->in_at + sizeof head, .n = (size_t)head[0]};
    e->in_at += sizeof head + (size_t)head[0];
    return 1;
}

void frame_reset(pipe_end_t *e)
{
    if (e->fd >= 0)
        close(e->fd);
    text_reset(&e->in);
    text_reset(&e->out);
    *e = (pipe_end_t){.fd = -1};
}
