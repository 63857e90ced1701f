/* Test programs: a test of any form, executed beside the program that it tests.

   Two guests.  The tester executes the test's code (tester.py), the program under test
   does what it is asked (talk.py).  Each has the other at the end of two pipes, plain data
   goes through them, and nothing else connects them: the tester has a process id namespace
   of its own, made before each run and ended after it, in which the program is not and
   which the program cannot see; without namespaces the filter keeps the program's signals
   to itself.  So the program's answers decide, and nothing that it does beside them.

   The program is the run (run.c): its limits, its end and its usage are watched as always,
   except that its standard output is one of those pipes, and that real time in which the
   tester used a core is not its own.  The tester is started first and given its text; it has
   the limits of compiling: CPU time, address space, and no further process or thread.  The
   run is over when either of them ends; the tester's end is the verdict, as an exit status,
   with words at the end of its standard error.  Where real time is up, it is asked by a signal
   whom it was waiting for.

     tester's end               verdict
     passed                     ACCEPTED "test program"
     an exception of the test   WRONG_ANSWER "test program"
     one of the program         RUNTIME_ERROR "exit status", MEMORY_LIMIT "allocation"
     no, other or endless data  WRONG_ANSWER "no answer" "not plain data", OUTPUT_LIMIT "answer"
     no Python, no such module, by a signal, ...                CHECKER_FAULT "bad test"
     its own limits             CHECKER_FAULT "test limit"

   A program that ends before its test does has died: RUNTIME_ERROR, or WRONG_ANSWER ("no
   answer") where its status is 0.  Its limits come first, as in any run.

   Cost: a namespace and one more Python run, 2 ms in all; the tester's modules are loaded once
   per launcher. */
#include "box.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* tester.py's exit statuses. */
enum {
    PASSED = 40,
    FAILED,
    RAISED,
    NO_MEMORY,
    NO_ANSWER,
    NOT_PLAIN,
    TOO_LARGE,
    BAD_TEST,
    LIMIT,
    WAITING,
    RUBBISH
};
enum { HEAD = 40, ASK_MS = 2000 };
static const char mark[] = "\n\x1e";

typedef struct tester {
    ready_t program; /* tester.py, loaded; not without a zygote */
    limits_t limits; /* that it was loaded with */
    int is_loaded;
    pid_t pid, guard; /* of the run that goes on; 0: none */
    int guard_ns, guard_kids;
    int64_t used_us; /* by the one that ended last */
    char stack[2 * GUARD_STACK];
} tester_t;

static limits_t testers_limits(const limits_t *l)
{
    limits_t own = limits_compiling(*l);
    own.processes = 0;
    own.output_kb = 1024;
    return own;
}

void tester_bounds(const limits_t *l, bound_t *bound, int n)
{
    const int64_t space = l->memory_kb * 1024LL + (64 << 20);
    for (int i = 0; i < n; i++) {
        if (bound[i].which == RLIMIT_AS && (bound[i].hard < 0 || bound[i].hard > space))
            bound[i].soft = bound[i].hard = space;
        if (bound[i].which == RLIMIT_NPROC)
            bound[i].soft = bound[i].hard = 0;
        if (bound[i].which == RLIMIT_STACK && bound[i].soft > 64 << 20)
            bound[i].soft = 64 << 20;
    }
}

/* The state of box_t that concerns guests, for the tester's turn and back. */
static void change_places(box_t *b, tester_t *t)
{
    pid_t guard = b->guard;
    int ns = b->guard_ns, kids = b->guard_kids;
    b->guard = t->guard;
    b->guard_ns = t->guard_ns;
    b->guard_kids = t->guard_kids;
    t->guard = guard;
    t->guard_ns = ns;
    t->guard_kids = kids;
}

static int load(box_t *b, tester_t *t, const limits_t *given)
{
    limits_t l = testers_limits(given);
    if (b->degraded || (t->is_loaded && !memcmp(&l, &t->limits, sizeof l)))
        return 1;
    if (t->is_loaded)
        ready_close(b, &t->program);
    job_t own = {.lang = LANG_PYTHON,
                 .source = tester_source,
                 .n_source = strlen(tester_source),
                 .limits = l};
    ready_open(b, &t->program, &own, READY_TESTER);
    t->is_loaded = !t->program.subcode;
    t->limits = l;
    if (!t->is_loaded) {
        snprintf(b->why, sizeof b->why, "the tester could not be loaded: %.400s",
                 t->program.message.s ? t->program.message.s : t->program.subcode);
        ready_close(b, &t->program);
    }
    return t->is_loaded;
}

/* Into the tester's own namespace, with what it reads and writes. */
static int start(box_t *b, tester_t *t, const limits_t *l, const int stream[3])
{
    guest_t r = {.limits = testers_limits(l), .exe = -1, .is_tester = 1};
    const char *argv[] = {b->python, "-I", "-S", "-B", "-c", tester_cold_source, NULL};
    pid_t had = b->program;
    int had_fd = b->program_fd;
    t->guard = 0;
    t->guard_ns = t->guard_kids = -1;
    change_places(b, t);
    int good = guard_start(b, t->stack);
    if (b->degraded) {
        r.argv = argv;
    } else {
        b->program = t->program.pid;
        b->program_fd = t->program.fd;
    }
    t->pid = good ? run_start(b, &r, stream, t->stack + sizeof t->stack) : 0;
    b->program = had;
    b->program_fd = had_fd;
    change_places(b, t);
    run_reset(&r);
    return t->pid > 0;
}

/* The text, while the tester reads; the program is not there yet. */
static int feed(int to, const guest_t *r)
{
    text_t t = {0};
    char head[HEAD + 1];
    snprintf(head, sizeof head, "%zu %lld", r->n_test, r->limits.output_kb * 1024LL);
    text_addf(&t, "%-*s", HEAD, head);
    text_addn(&t, r->test, r->n_test);
    double end = clock_now() + r->limits.compile_wall_ms * 1e-3;
    size_t at = 0;
    while (at < t.len && clock_now() < end) {
        struct pollfd p = {to, POLLOUT, 0};
        if (poll(&p, 1, 100) <= 0)
            continue;
        ssize_t did = write(to, t.s + at, t.len - at);
        if (did < 0 && errno != EAGAIN && errno != EINTR)
            break;
        at += did > 0 ? (size_t)did : 0;
    }
    int good = at == t.len;
    text_reset(&t);
    return good;
}

int tester_begin(box_t *b, const guest_t *r, streams_t *s)
{
    tester_t *t = b->tester ? b->tester : (b->tester = ALLOC(tester_t, 1));
    int asked[2] = {-1, -1}, answered[2] = {-1, -1}, words[2] = {-1, -1};
    t->used_us = 0;
    t->pid = 0;
    int good = load(b, t, &r->limits) && pipe2(asked, O_CLOEXEC) == 0 &&
               pipe2(answered, O_CLOEXEC) == 0 && pipe2(words, O_CLOEXEC) == 0;
    const int stream[3] = {answered[0], asked[1], words[1]};
    good = good && start(b, t, &r->limits, stream);
    for (int i = 0; i < 3; i++)
        if (stream[i] >= 0)
            close(stream[i]);
    if (good) {
        fcntl(answered[1], F_SETFL, O_NONBLOCK);
        good = feed(answered[1], r);
        fcntl(answered[1], F_SETFL, 0);
        fcntl(words[0], F_SETFL, O_NONBLOCK);
    }
    streams_replace(b, &s->guest[0], asked[0]);
    streams_replace(b, &s->guest[1], answered[1]);
    streams_replace(b, &s->out, words[0]);
    if (!good && !b->why[0])
        snprintf(b->why, sizeof b->why, "starting a test program failed");
    return good;
}

static void reap(tester_t *t, const struct rusage *u)
{
    t->used_us = (u->ru_utime.tv_sec + u->ru_stime.tv_sec) * 1000000LL + u->ru_utime.tv_usec +
                 u->ru_stime.tv_usec;
    t->pid = 0;
}

int tester_ended(box_t *b, guest_t *r)
{
    tester_t *t = b->tester;
    struct rusage u;
    if (t->pid <= 0 || wait4(t->pid, &r->test_status, WNOHANG, &u) != t->pid)
        return 0;
    reap(t, &u);
    return r->test_first = 1;
}

/* It has seen the end of what the program says: the program has died, perhaps not yet for us. */
int tester_last(guest_t *r, pid_t pid, struct rusage *ru)
{
    const double end = clock_now() + ASK_MS * 1e-3;
    while (WIFEXITED(r->test_status) && WEXITSTATUS(r->test_status) == NO_ANSWER &&
           clock_now() < end) {
        if (wait4(pid, &r->status, WNOHANG, ru) == pid) {
            r->test_first = 0;
            return 1;
        }
        usleep(500);
    }
    return 0;
}

void tester_ask(box_t *b, guest_t *r)
{
    double end = clock_now() + ASK_MS * 1e-3;
    if (b->tester->pid > 0)
        kill(b->tester->pid, SIGTERM);
    while (!r->test_first && !tester_ended(b, r) && clock_now() < end)
        usleep(500);
}

int64_t tester_end(box_t *b, guest_t *r)
{
    tester_t *t = b->tester;
    struct rusage u;
    int64_t others_us = 0;
    if (t->pid > 0) {
        kill(t->pid, SIGKILL);
        if (wait4(t->pid, &r->test_status, 0, &u) == t->pid)
            reap(t, &u);
    }
    if (t->guard > 0) {
        change_places(b, t);
        others_us = guard_end(b);
        b->guard_ns = b->guard_kids = -1;
        change_places(b, t);
    }
    return others_us;
}

int64_t tester_us(const box_t *b)
{
    const tester_t *t = b->tester;
    struct timespec c;
    if (!t || t->pid <= 0)
        return t ? t->used_us : 0;
    if (clock_gettime((clockid_t)(~(unsigned)t->pid << 3 | 2), &c) < 0)
        return 0;
    return c.tv_sec * 1000000LL + c.tv_nsec / 1000;
}

int tester_owns(const box_t *b, pid_t pid)
{
    const tester_t *t = b->tester;
    return t && pid > 0 && (pid == t->pid || pid == t->guard);
}

/* verdicts --------------------------------------------------------------------------- */

static void conclude(outcome_t *o, verdict_kind_t v, const char *subcode)
{
    o->verdict = v;
    o->subcode = subcode_text(subcode);
}

/* What the tester said in the end. */
static void testers_words(const guest_t *r, outcome_t *o, text_t *words)
{
    const char *s = r->out.s, *at = NULL;
    for (const char *p = s;
         p && (p = memmem(p, r->out.len - (size_t)(p - s), mark, sizeof mark - 1));
         p += sizeof mark - 1)
        at = p + sizeof mark - 1;
    if (at)
        text_addn(words, at, r->out.len - (size_t)(at - s));
    else if (WIFSIGNALED(r->test_status))
        text_addf(words, "the test program was ended by signal %d", WTERMSIG(r->test_status));
    else
        text_addf(words, "the test program ended by itself with status %d",
                  WEXITSTATUS(r->test_status));
    o->n_words = (int)(words->len < WORDS ? words->len : WORDS);
    memcpy(o->words, words->s ? words->s : "", (size_t)o->n_words);
}

outcome_t tester_outcome(const guest_t *r, text_t *words)
{
    outcome_t o = ending(r, LANG_PYTHON);
    const int status = WIFEXITED(r->test_status) ? WEXITSTATUS(r->test_status) : -1;
    const int limit = r->over_cpu || r->over_out || r->over_err || r->over_memory ||
                      (r->over_wall && status == WAITING);
    o.stdout_bytes = 0;
    if (r->fault || limit)
        return o;
    if (!r->test_first && !r->over_wall) { /* the program has ended */
        if (o.verdict == V_NONE)
            conclude(&o, V_WRONG_ANSWER, "no answer");
        return o;
    }
    testers_words(r, &o, words);
    o.exit = status == RAISED || status == NO_MEMORY;
    o.signal = 0;
    static const struct {
        verdict_kind_t v;
        const char *subcode;
    } by_status[] = {{V_ACCEPTED, "test program"},     {V_WRONG_ANSWER, "test program"},
                     {V_RUNTIME_ERROR, "exit status"}, {V_MEMORY_LIMIT, "allocation"},
                     {V_WRONG_ANSWER, "no answer"},    {V_WRONG_ANSWER, "not plain data"},
                     {V_OUTPUT_LIMIT, "answer"},       {V_CHECKER_FAULT, "bad test"},
                     {V_CHECKER_FAULT, "test limit"}};
    const int own = (r->over_wall && status != WAITING) ||
                    (WIFSIGNALED(r->test_status) && WTERMSIG(r->test_status) == SIGXCPU);
    if (own)
        conclude(&o, V_CHECKER_FAULT, "test limit");
    else if (status == WAITING)
        conclude(&o, V_TIME_LIMIT, "cpu"); /* the test's, spent on what the program asked back */
    else if (status == RUBBISH)
        conclude(&o, V_WRONG_ANSWER, "no answer");
    else if (status >= PASSED && status <= LIMIT)
        conclude(&o, by_status[status - PASSED].v, by_status[status - PASSED].subcode);
    else
        conclude(&o, V_CHECKER_FAULT, "bad test");
    if (o.verdict == V_CHECKER_FAULT)
        o.exit = -1;
    return o;
}
