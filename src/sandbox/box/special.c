/* Special checkers: a program decides whether an output is right.

   It is a guest like any other: own namespaces, filter, bounds; nothing of it is
   trusted but its answer about this one output.  In its private folder lie three files:
   the test's input, the expected output (empty where there is none) and the bytes that
   the program under test printed, whatever they are.  Three ways of asking:

              started as                            right   wrong           its words     its score
     special  CHECKER input expected output         0       1               stdout, else  -
                                                                            stderr
     kattis   CHECKER input expected feedback/      42      43              feedback/     feedback/
                < output                                                    judgemessage  score.txt
                                                                            .txt
     testlib  CHECKER input output expected         0       1, 2, 4, 8      stderr        -
                                                    7: see below

   testlib's statuses: 1 wrong answer, 2 presentation error, 4 dirt, 8 unexpected end of
   the output; 7 gives points, whose number begins its words (`points 0.5 ...`): more than
   none is right.  Where the words begin with `partially correct` a status of 16 + n is
   wrong, with score n.  3 is a failure of the checker or of the jury's answer.

   All else (another status, a signal, an exception that nobody catches, a limit passed, a
   checker that does not compile) is CHECKER_FAULT, sub-code "checker ...": the label is
   unknown then, and whoever wrote the problem is to blame.  The first WORDS bytes of what
   it said, and its score, stand in the outcome, whatever the answer.  A virtual machine
   that ends with 1 after such an exception is started so that it does not: checker_run in
   the table of languages.  FAULT remains for what we could not do.

   A checker may write files into its folder; feedback is a folder of its own, which is
   looked into through a descriptor from before the run, and links there are not followed.

   Its limits are those of compiling: compile_cpu_ms, compile_wall_ms, compile_memory_kb.
   It runs only where the program under test ended well, as any comparison does.  Cost:
   one more run. */
#include "sandbox/language/compile.h"
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RIGHT = 1, WRONG = 0, NO_ANSWER = -1 };

static limits_t checkers_limits(const limits_t *l)
{
    limits_t own = limits_compiling(*l);
    own.processes = own.processes < 64 ? 64 : own.processes;
    own.output_kb = own.output_kb < 64 ? 64 : own.output_kb;
    own.stack_kb = own.stack_kb < own.memory_kb ? own.memory_kb : own.stack_kb;
    return own;
}

ready_kind_t special_kind(check_t c)
{
    return c == CHECK_KATTIS ? READY_KATTIS : c == CHECK_TESTLIB ? READY_TESTLIB : READY_CHECKER;
}

void special_open(box_t *b, ready_t *p, const job_t *j, check_t c)
{
    job_t own = {.lang = j->checker_lang,
                 .source = j->checker,
                 .n_source = j->n_checker,
                 .testlib = c == CHECK_TESTLIB ? j->testlib : NULL,
                 .n_testlib = c == CHECK_TESTLIB ? j->n_testlib : 0,
                 .limits = checkers_limits(&j->limits)};
    ready_open(b, p, &own, special_kind(c));
    if (p->subcode && c == CHECK_TESTLIB && !j->testlib && p->message.s &&
        strstr(p->message.s, "testlib.h"))
        text_add(&p->message,
                 "\ntestlib.h is not part of this program: say where it is in [sandbox] testlib");
}

static int fault(outcome_t *o, verdict_kind_t whose, const char *subcode, text_t *message,
                 const char *words, size_t n)
{
    o->verdict = whose;
    o->subcode = subcode_text(subcode);
    text_clear(message);
    text_addf(message, "the special checker failed (%s)%s", subcode, n ? ": " : "");
    text_addn(message, words, n < 4000 ? n : 4000);
    return 0;
}

/* Words and numbers that it gave ----------------------------------------------------- */

static void keep_words(outcome_t *o, const char *s, size_t n)
{
    while (n && (s[n - 1] == '\n' || s[n - 1] == ' ' || s[n - 1] == '\r'))
        n--;
    o->n_words = (int)(n < WORDS ? n : WORDS);
    memcpy(o->words, s, (size_t)o->n_words);
}

/* The number that a text begins with. */
static void keep_score(outcome_t *o, const char *s)
{
    char *end;
    double x = strtod(s, &end);
    if (end != s && isfinite(x)) {
        o->scored = 1;
        o->score = x;
    }
}

/* The first bytes of a file, with a NUL. */
static size_t read_some(int folder, const char *name, char *s, size_t cap)
{
    struct stat f;
    int fd = folder < 0 ? -1 : openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    ssize_t n = fd >= 0 && fstat(fd, &f) == 0 && S_ISREG(f.st_mode) ? read(fd, s, cap - 1) : 0;
    if (fd >= 0)
        close(fd);
    s[n > 0 ? n : 0] = 0;
    return n > 0 ? (size_t)n : 0;
}

static void keep_said(outcome_t *o, ready_kind_t kind, const guest_t *r, int feedback)
{
    char some[WORDS + 64];
    const text_t *first = kind == READY_CHECKER ? &r->out : &r->err,
                 *other = kind == READY_CHECKER ? &r->err : &r->out;
    const text_t *t = first->len ? first : other;
    size_t n =
        kind == READY_KATTIS ? read_some(feedback, "judgemessage.txt", some, sizeof some) : 0;
    o->scored = 0;
    o->score = 0;
    if (n)
        keep_words(o, some, n);
    else
        keep_words(o, t->s ? t->s : "", t->len);
    if (kind == READY_KATTIS && read_some(feedback, "score.txt", some, sizeof some))
        keep_score(o, some);
}

/* What a status means ---------------------------------------------------------------- */

static int begins(const guest_t *r, const char *word)
{
    const size_t n = strlen(word);
    return r->err.len >= n && !memcmp(r->err.s, word, n);
}

static int testlib_answer(const guest_t *r, int status, outcome_t *o)
{
    if (status == 7) {
        keep_score(o, r->err.s ? r->err.s + (begins(r, "points ") ? 7 : 0) : "");
        return o->scored && o->score <= 0 ? WRONG : RIGHT;
    }
    if (status >= 16 && begins(r, "partially correct")) {
        o->scored = 1;
        o->score = status - 16;
        return WRONG;
    }
    return status == 0                                                ? RIGHT
           : status == 1 || status == 2 || status == 4 || status == 8 ? WRONG
                                                                      : NO_ANSWER;
}

static int answer_of(ready_kind_t kind, const guest_t *r, outcome_t *o)
{
    const int status = WEXITSTATUS(r->status);
    if (kind == READY_TESTLIB)
        return testlib_answer(r, status, o);
    const int right = kind == READY_KATTIS ? 42 : 0;
    return status == right ? RIGHT : status == right + 1 ? WRONG : NO_ANSWER;
}

static const char *stopped(const guest_t *r)
{
    if (r->over_cpu || r->over_wall || r->over_memory || r->over_out || r->over_err)
        return "checker limit";
    return WIFSIGNALED(r->status) ? "checker crash" : NULL;
}

/* Which limit it was, for who wrote it. */
static void say_limit(const guest_t *r, text_t *t)
{
    const char *key = r->over_memory ? "compile_memory_kb"
                      : r->over_cpu  ? "compile_cpu_ms"
                      : r->over_wall ? "compile_wall_ms"
                      : r->over_out  ? "output_kb"
                      : r->over_err  ? "stderr_kb"
                                     : NULL;
    if (key)
        text_addf(t, "%sits limit is [sandbox] %s", t->len && t->s[t->len - 1] != '\n' ? "\n" : "",
                  key);
}

/* Its files, in the clean folder; feedback: a descriptor of that folder, -1 where there is none. */
static int put_files(box_t *b, ready_kind_t kind, const job_t *j, int i, const text_t *got,
                     int *feedback)
{
    const char *want = j->expect[i] ? j->expect[i] : "";
    *feedback = -1;
    if (kind == READY_KATTIS && mkdirat(b->scratch, "feedback", 0700) == 0)
        *feedback = openat(b->scratch, "feedback", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return (kind != READY_KATTIS || *feedback >= 0) &&
           compile_put(b, "input", j->input[i], j->n_input[i]) &&
           compile_put(b, "expected", want, j->expect[i] ? j->n_expect[i] : 0) &&
           (kind == READY_KATTIS || compile_put(b, "output", got->s ? got->s : "", got->len));
}

int special_judge(box_t *b, ready_t *p, const job_t *j, int i, const text_t *got, outcome_t *o,
                  text_t *message)
{
    if (p->subcode)
        return fault(o, p->verdict == V_FAULT ? V_FAULT : V_CHECKER_FAULT,
                     p->verdict == V_FAULT ? p->subcode : "checker compile", message,
                     p->message.s ? p->message.s : "", p->message.len);
    guest_t r = {.in = "", .limits = checkers_limits(&j->limits)};
    int feedback, answer = WRONG;
    if (!box_clean(b))
        return fault(o, V_FAULT, "checker files", message, "the folder could not be emptied", 31);
    ready_use(b, p, &r);
    if (!put_files(b, p->kind, j, i, got, &feedback)) {
        static const char words[] = "its files do not fit into [sandbox] scratch_kb";
        if (feedback >= 0)
            close(feedback);
        box_clean(b);
        return fault(o, V_CHECKER_FAULT, "checker files", message, words, sizeof words - 1);
    }
    if (p->kind == READY_KATTIS) {
        r.in = got->s ? got->s : "";
        r.n_in = got->len;
    }
    run_go(b, &r);
    const char *why = r.fault ? r.fault : stopped(&r);
    if (!r.fault)
        keep_said(o, p->kind, &r, feedback);
    if (!why && (answer = answer_of(p->kind, &r, o)) == NO_ANSWER)
        why = "checker exit";
    if (r.fault)
        b->tainted = 1;
    if (why) {
        text_t words = {0};
        text_addn(&words, r.err.s ? r.err.s : "", r.err.len < 3900 ? r.err.len : 3900);
        if (!strcmp(why, "checker exit"))
            text_addf(&words, "%sit ended with status %d, which is no answer",
                      words.len && words.s[words.len - 1] != '\n' ? "\n" : "",
                      WEXITSTATUS(r.status));
        say_limit(&r, &words);
        fault(o, r.fault ? V_FAULT : V_CHECKER_FAULT, why, message, words.s, words.len);
        text_reset(&words);
    }
    run_reset(&r);
    if (feedback >= 0)
        close(feedback);
    box_clean(b);
    return !why && answer == RIGHT;
}
