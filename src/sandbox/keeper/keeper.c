/* The rank's side of its keeper: a socket pair, and jobs that travel over it.

   keeper_start forks while the rank is still small and has no threads, no MPI and no
   accelerator: forking later would be unsafe and, with gigabytes resident, a hundred
   times dearer than the programs that are run.  The keeper (warden.c) forks launchers,
   which live in the sandboxes; the rank never forks again.  Until it is given work the
   keeper sleeps in poll.

   Two are started, one works, the other is a spare: keeper_watch.c looks after them.

   Both directions are buffered and non-blocking: keeper_submit copies and returns; what
   the socket does not take goes later, inside keeper_poll.  The keeper keeps all that it
   is given, so whoever submits bounds what is pending (grade_client.c does). */
#include "keeper.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int cores(void)
{
    cpu_set_t s;
    return sched_getaffinity(0, sizeof s, &s) == 0 ? CPU_COUNT(&s) : 1;
}

static void start_one(keeper_t *k, end_t *e, int nursery, int spare)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        fail(CODE_FAULT, "the keeper cannot be started: socketpair: %s", strerror(errno));
    e->pid = fork();
    if (e->pid < 0)
        fail(CODE_FAULT, "the keeper cannot be started: fork: %s", strerror(errno));
    if (e->pid == 0)
        warden_main(pair[1], nursery, k->launchers, spare);
    close(pair[1]);
    e->to.fd = pair[0];
}

keeper_t *keeper_start(int launchers)
{
    int pair[2];
    keeper_t *k = ALLOC(keeper_t, 1);
    k->launchers = launchers > 0 ? launchers : cores();
    k->limits = limits_default();
    languages_parse(&k->languages, "languages", languages_builtin);
    keeper_watch(k, 0, 0);
    if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) < 0)
        fail(CODE_FAULT, "the keeper cannot be started: socketpair: %s", strerror(errno));
    k->nursery = pair[0];
    fflush(NULL);
    start_one(k, &k->now, pair[1], 0);
    start_one(k, &k->spare, pair[1], 1);
    close(pair[1]);
    return k;
}

void keeper_watch(keeper_t *k, int beat_ms, int lost_ms)
{
    k->beat_ms = beat_ms > 0 ? beat_ms : 500;
    k->lost_ms = lost_ms > 0 ? lost_ms : 15000;
}

static void forget_found(keeper_t *k)
{
    for (int i = 0; i < LANG_MOST; i++) {
        mem_free(k->found[i]);
        k->found[i] = NULL;
    }
}

void keeper_languages(keeper_t *k, const deck_t *d)
{
    languages_t only_checked = {0};
    if (!k) {
        languages_read(&only_checked, d);
        languages_reset(&only_checked);
    } else {
        languages_reset(&k->languages);
        languages_read(&k->languages, d);
        forget_found(k);
    }
}

void keeper_configure(keeper_t *k, const limits_t *l, int allow_degraded, int launchers)
{
    const limits_t table = limits_default();
    k->limits = limits_fill(*l, &table);
    k->launchers = launchers > 0 ? launchers : k->launchers;
    k->known = 0;
    text_clear(&k->config);
    wire_put_limits(&k->config, &k->limits);
    wire_put_i64(&k->config, allow_degraded);
    wire_put_i64(&k->config, k->launchers);
    wire_put_i64(&k->config, k->lost_ms);
    languages_put(&k->config, &k->languages);
    forget_found(k);
    keeper_tell(k, MSG_CONFIG, &k->config);
}

void keeper_place(keeper_t *k, const int *core, int n, int pin)
{
    text_clear(&k->place);
    wire_put_i64(&k->place, pin);
    wire_put_i64(&k->place, n);
    for (int i = 0; i < n; i++)
        wire_put_i64(&k->place, core[i]);
    keeper_tell(k, MSG_PLACE, &k->place);
}

void keeper_stop(keeper_t *k)
{
    if (!k)
        return;
    frame_reset(&k->spare.to);
    frame_reset(&k->now.to); /* they see it and end; in two seconds, or else */
    pid_t both[] = {k->now.pid, k->spare.pid};
    for (int i = 0; i < 200 && (both[0] > 0 || both[1] > 0); i++) {
        for (int e = 0; e < 2; e++)
            if (both[e] > 0 && waitpid(both[e], NULL, WNOHANG) != 0)
                both[e] = 0;
        if (both[0] > 0 || both[1] > 0)
            nanosleep(&(struct timespec){0, i < 20 ? 500000 : 10000000}, NULL);
    }
    k->now.pid = both[0], k->spare.pid = both[1];
    keeper_end(&k->now);
    keeper_end(&k->spare);
    close(k->nursery);
    while (k->n_promise)
        keeper_forget(k, k->n_promise - 1);
    for (int i = 0; i < k->n_ready; i++)
        done_free(k->ready[i]);
    forget_found(k);
    languages_reset(&k->languages);
    text_reset(&k->config);
    text_reset(&k->place);
    mem_free(k->mode);
    mem_free(k->ready);
    mem_free(k->promise);
    mem_free(k);
}

const limits_t *keeper_limits(const keeper_t *k)
{
    return &k->limits;
}

int keeper_launchers(const keeper_t *k)
{
    return k->launchers;
}

keeper_stats_t keeper_stats(const keeper_t *k)
{
    return k->stats;
}

int keeper_alive(const keeper_t *k)
{
    return k->now.pid > 0;
}

static void take_all(keeper_t *k, int wait_ms)
{
    struct pollfd p = {k->now.to.fd, (short)(POLLIN | (frame_waiting(&k->now.to) ? POLLOUT : 0)),
                       0};
    if (wait_ms > k->beat_ms)
        wait_ms = k->beat_ms;
    if (k->now.pid && poll(&p, 1, wait_ms) >= 0)
        frame_pump(&k->now.to, p.revents & (POLLIN | POLLHUP));
    keeper_hear(k, &k->now);
    keeper_look_after(k);
}

static void need_info(keeper_t *k)
{
    if (k->known)
        return;
    k->wants_info = 1;
    keeper_tell(k, MSG_INFO, NULL);
    while (!k->known && k->now.pid)
        take_all(k, 1000);
    if (!k->known) {
        mem_free(k->mode);
        k->mode = mem_text("none: the keeper process has ended");
        k->known = 1;
    }
}

const char *keeper_mode(keeper_t *k)
{
    need_info(k);
    return k->mode;
}

static const char *found(keeper_t *k, lang_t l)
{
    if (!k->languages.row[l].name)
        return "-it has no row in the table of languages";
    if (!k->found[l]) {
        job_t ask = {.ticket = TICKET_REPORT + l, .lang = l, .source = ""};
        keeper_submit(k, &ask);
    }
    while (!k->found[l])
        take_all(k, 1000);
    return k->found[l];
}

int keeper_has_row(const keeper_t *k, lang_t l)
{
    return k->languages.row[l].name != NULL;
}

const char *keeper_toolchain(keeper_t *k, lang_t l)
{
    const char *s = found(k, l);
    return s[0] == '+' ? s + 1 : "";
}

const char *keeper_refusal(keeper_t *k, lang_t l)
{
    const char *s = found(k, l);
    return s[0] == '+' ? "" : s + (s[0] == '-');
}

lang_t keeper_language(keeper_t *k, const char *name)
{
    int l = languages_find(&k->languages, name), other = l < 0 ? lang_find(name) : -1;
    text_t known = {0};
    if (other >= 0 && k->languages.row[other].name)
        l = other;
    languages_names(&k->languages, &known);
    if (l < 0)
        fail(CODE_USAGE, "no language `%s`; the table of languages ([sandbox] languages) has %s",
             name, known.s);
    text_reset(&known);
    if (!strncmp(keeper_mode(k), "none", 4))
        return (lang_t)l; /* the run will say so */
    const char *why = keeper_refusal(k, (lang_t)l);
    if (*why)
        fail(CODE_USAGE, "language %s: %s", name, why);
    return (lang_t)l;
}

void keeper_submit(keeper_t *k, const job_t *j)
{
    text_t t = {0};
    job_t full = *j;
    full.limits = limits_fill(j->limits, &k->limits);
    wire_put_job(&t, &full, 1);
    promise_t p = {j->ticket, j->n_test, t};
    PUSH(k->promise, k->n_promise, k->cap_promise, p);
    keeper_tell(k, MSG_JOB, &t);
}

/* The answer to TICKET_CALLS among those that are ready; NULL: not there yet. */
static done_t *take_checked(keeper_t *k)
{
    for (int i = 0; i < k->n_ready; i++)
        if (k->ready[i]->ticket == TICKET_CALLS) {
            done_t *d = k->ready[i];
            memmove(k->ready + i, k->ready + i + 1, (size_t)(--k->n_ready - i) * sizeof *k->ready);
            return d;
        }
    return NULL;
}

int keeper_check_calls(keeper_t *k, const char *const *text, int n, char **why)
{
    size_t *len = ALLOC(size_t, n + 1);
    form_t *form = ALLOC(form_t, n + 1);
    for (int i = 0; i < n; i++) {
        len[i] = strlen(text[i]);
        form[i] = FORM_CALL;
        why[i] = NULL;
    }
    job_t j = {.ticket = TICKET_CALLS,
               .lang = LANG_PYTHON,
               .source = "",
               .n_test = n,
               .input = (const char **)text,
               .n_input = len,
               .form = form};
    keeper_submit(k, &j);
    done_t *d;
    while (!(d = take_checked(k)))
        take_all(k, 1000);
    int bad = 0;
    for (int i = 0; i < n; i++) {
        const outcome_t *o = &d->outcome[i];
        if (o->verdict == V_CHECKER_FAULT && bad >= 0) {
            why[i] = mem_text(d->output[i] ? d->output[i] : "");
            bad++;
        } else if (o->verdict == V_FAULT && bad >= 0) {
            for (int f = 0; f < i; f++) {
                mem_free(why[f]);
                why[f] = NULL;
            }
            why[0] = mem_text(d->output[i] && *d->output[i] ? d->output[i] : d->message);
            bad = -1;
        }
    }
    done_free(d);
    mem_free(len);
    mem_free(form);
    return bad;
}

void keeper_cancel(keeper_t *k, int64_t ticket)
{
    text_t t = {0};
    wire_put_i64(&t, ticket);
    for (int i = k->n_promise - 1; i >= 0; i--)
        if (ticket < 0 || k->promise[i].ticket == ticket)
            keeper_forget(k, i);
    for (int i = k->n_ready - 1; i >= 0; i--)
        if (ticket < 0 || k->ready[i]->ticket == ticket) {
            done_free(k->ready[i]);
            memmove(k->ready + i, k->ready + i + 1, (size_t)(--k->n_ready - i) * sizeof *k->ready);
        }
    keeper_tell(k, MSG_CANCEL, &t);
    text_reset(&t);
}

done_t *keeper_poll(keeper_t *k, int wait_ms)
{
    double end = clock_now() + wait_ms * 1e-3;
    for (int left = wait_ms; !k->n_ready && k->n_promise;) {
        take_all(k, left);
        left = (int)((end - clock_now()) * 1e3);
        if (left <= 0)
            break;
    }
    if (!k->n_ready)
        return NULL;
    done_t *d = k->ready[0];
    memmove(k->ready, k->ready + 1, (size_t)--k->n_ready * sizeof *k->ready);
    return d;
}

int keeper_pending(const keeper_t *k)
{
    return k->n_promise + k->n_ready;
}
