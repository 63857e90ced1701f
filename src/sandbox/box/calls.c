/* Function-call tests: `assert f(arguments) == value` in Python.

   The assert is taken apart by its syntax tree, by a trusted program (calls_split.py)
   in a run of its own.  What comes back: the text of the call, and the expected value as a
   text that only equal values have.  A run of the program under test gets the call on
   its standard input, which is read before the program's first line; the program is
   executed as a module (`__name__` is not `__main__`; the names that LeetCode has stand
   in it if it defines `class Solution`), then the call, and the value is
   written as such a text to where standard output was.  What the program prints goes to
   standard error meanwhile.  Here the two texts are compared, byte by byte.

   So the expected value is never in a process of the guest, nor in its files,
   descriptors or environment, and nothing that the guest redefines (__eq__, print,
   builtins) is asked.  A guest that writes to the pipe itself has given an answer, that
   is all.  A run without an answer, or with something else, is WRONG_ANSWER ("no
   answer"), one whose value is no plain data too ("not plain data"), one whose value is
   too large is OUTPUT_LIMIT ("answer").  A value that is not a number equals nothing.

   A test of any other form is a program of its own (tester.c).  One that is no Python, that
   asks nothing of the program, or whose value cannot be computed, is a fault of the test:
   CHECKER_FAULT ("bad test").

   The answer's line, JSON:  {"value": TEXT, "type": "NAME"}  or  {"refused": "WHY"}.
   Cost: a run for all asserts of a job (the last ones are remembered, since a problem's
   programs come one after the other), then the same per test as other Python runs. */
#include "box.h"
#include <string.h>
#include <sys/wait.h>

#define BOX           "src/sandbox/box/"
#define FILE_OF(name) ".incbin \"" BOX name "\"\n"
#define TALK          FILE_OF("talk.py") FILE_OF("talk_objects.py") FILE_OF("talk_serve.py")
// clang-format off
__asm__(".section .rodata\n.global calls_source\ncalls_source:\n" FILE_OF("calls.py") ".byte 0\n"
        ".global talk_source\ntalk_source:\n.ascii \"TALK = r'''\"\n" TALK
        ".asciz \"'''\\nimport marshal, os\\nos.write(1, marshal.dumps(compile(TALK, 'talk.py', 'exec')))\\n\"\n"
        ".global calls_cold_source\ncalls_cold_source:\n" FILE_OF("calls.py") FILE_OF("calls_cold.py") ".ascii \"\\nTALK = r'''\"\n"
        TALK ".asciz \"'''\\ncold_call(TALK)\\n\"\n"
        ".global calls_split_source\ncalls_split_source:\n" FILE_OF("calls.py") FILE_OF("calls_split.py") ".asciz \"\\nsplit_all()\\n\"\n"
        ".global tester_source\ntester_source:\n" FILE_OF("calls.py") TALK FILE_OF("tester_pytest.py") FILE_OF("tester.py")
        ".byte 0\n"
        ".global tester_cold_source\ntester_cold_source:\n" FILE_OF("calls.py") TALK FILE_OF("tester_pytest.py")
        FILE_OF("tester.py") ".asciz \"\\nmain()\\n\"\n.previous\n");
// clang-format on
extern const char calls_cold_source[], calls_split_source[], talk_source[];

const char *calls_cold(void)
{
    return calls_cold_source;
}

/* Runs a program of ours; 0: it did not do its work, and why. */
static int trusted(box_t *b, const char *source, const limits_t *l, const text_t *in, text_t *out,
                   text_t *message)
{
    job_t own = {.lang = LANG_PYTHON,
                 .source = source,
                 .n_source = strlen(source),
                 .limits = limits_compiling(*l)};
    own.limits.output_kb = 1 << 18;
    ready_t p;
    guest_t r = {.in = in->s ? in->s : "", .n_in = in->len, .limits = own.limits};
    ready_open(b, &p, &own, READY_PLAIN);
    int good = !p.subcode && box_clean(b);
    if (good) {
        ready_use(b, &p, &r);
        run_go(b, &r);
        good = !r.fault && WIFEXITED(r.status) && !WEXITSTATUS(r.status) && r.out.len &&
               !r.over_cpu && !r.over_wall && !r.over_memory && !r.over_out;
        b->tainted |= r.fault != NULL;
        text_addn(good ? out : message,
                  good      ? r.out.s
                  : r.err.s ? r.err.s
                            : "",
                  good ? r.out.len : r.err.len);
        run_reset(&r);
        box_clean(b);
    } else {
        text_add(message, p.message.s ? p.message.s : "");
    }
    ready_close(b, &p);
    return good;
}

void calls_open(box_t *b, calls_t *c, const job_t *j)
{
    text_t in = {0}, why = {0};
    int n = 0;
    *c = (calls_t){.call = ALLOC(call_t, j->n_test + 1)};
    for (int i = 0; i < j->n_test; i++)
        if (j->form[i] == FORM_CALL) {
            text_addn(&in, j->input[i], strnlen(j->input[i], j->n_input[i]));
            text_addn(&in, "", 1);
            n++;
        }
    hash_t key = n ? hash_bytes(in.s, in.len) : (hash_t){0};
    if (n && !hash_equal(key, b->split_key)) {
        text_clear(&b->split);
        b->split_key = (hash_t){0};
        if (trusted(b, calls_split_source, &j->limits, &in, &b->split, &why))
            b->split_key = key;
    }
    text_addn(&c->text, b->split.s ? b->split.s : "", n && !why.len ? b->split.len : 0);
    const char *at = c->text.s, *end = at ? at + c->text.len : NULL;
    for (int i = 0; i < j->n_test; i++) {
        const char **field[] = {&c->call[i].how, &c->call[i].call, &c->call[i].value,
                                &c->call[i].type};
        for (int f = 0; j->form[i] == FORM_CALL && f < 4; f++) {
            *field[f] = at && at < end ? at : "";
            at = at && at < end ? at + strlen(at) + 1 : NULL;
        }
    }
    for (int i = 0; i < j->n_test; i++)
        c->n_test += j->form[i] == FORM_CALL && *c->call[i].how == 'T';
    if (c->n_test && !b->degraded && !b->talk.len) { /* compiled once per launcher */
        const text_t nothing = {0};
        trusted(b, talk_source, &j->limits, &nothing, &b->talk, &why);
    }
    if (why.len)
        text_addn(&c->why, why.s, why.len);
    text_reset(&in);
    text_reset(&why);
}

void calls_reset(calls_t *c)
{
    mem_free(c->call);
    text_reset(&c->text);
    text_reset(&c->why);
}

/* Without a program: which of the tests are none. */
done_t *calls_report(box_t *b, const job_t *j)
{
    done_t *d = wire_fault(j->ticket, j->n_test, "launcher", "");
    calls_t c;
    text_t why = {0};
    b->placed = NULL;
    calls_open(b, &c, j);
    for (int i = 0; i < j->n_test; i++) {
        outcome_t *o = &d->outcome[i];
        const char *subcode = calls_refuse(&c, j, i, &why),
                   *words = *c.call[i].how == 'E' ? c.call[i].call : why.s;
        o->subcode = subcode_text(subcode);
        o->verdict = !subcode ? V_ACCEPTED : *c.call[i].how == 'E' ? V_CHECKER_FAULT : V_FAULT;
        d->output[i] = mem_text(subcode ? words : "");
        d->n_output[i] = strlen(d->output[i]);
        text_clear(&why);
    }
    calls_reset(&c);
    text_reset(&why);
    return d;
}

const char *calls_refuse(const calls_t *c, const job_t *j, int i, text_t *message)
{
    const call_t *x = &c->call[i];
    if (j->lang != LANG_PYTHON)
        text_addf(message,
                  "test %d is a function call, which only Python programs can "
                  "be given",
                  i + 1);
    else if (!*x->how)
        text_addf(message, "asserts could not be taken apart: %s", c->why.s ? c->why.s : "");
    else if (*x->how == 'E')
        text_addf(message, "test %d: %s: %.200s", i + 1, x->call, j->input[i]);
    else
        return NULL;
    return !*x->how && j->lang == LANG_PYTHON ? "launcher" : "bad test";
}

/* The place of the last `part` in s[0..n). */
static const char *last(const char *s, size_t n, const char *part)
{
    size_t len = strlen(part);
    for (size_t at = n < len ? 0 : n - len + 1; at > 0; at--)
        if (!memcmp(s + at - 1, part, len))
            return s + at - 1;
    return NULL;
}

static int is(const char *s, size_t n, const char *text)
{
    return n == strlen(text) && !memcmp(s, text, n);
}

void calls_judge(const call_t *c, check_t check, const limits_t *l, const text_t *got, outcome_t *o)
{
    static const char head[] = "{\"value\": ", refused[] = "{\"refused\": \"",
                      middle[] = ", \"type\": \"";
    const char *s = got->s ? got->s : "", *type;
    size_t n = got->len, n_head = sizeof head - 1;
    o->verdict = V_WRONG_ANSWER;
    if (n > sizeof refused && !memcmp(s, refused, sizeof refused - 1)) {
        int large = is(s + sizeof refused - 1, n - sizeof refused + 1, "size\"}\n");
        o->verdict = large ? V_OUTPUT_LIMIT : V_WRONG_ANSWER;
        o->subcode = subcode_text(large ? "answer" : "not plain data");
        return;
    }
    if (n < n_head + 3 || memcmp(s, head, n_head) || !is(s + n - 3, 3, "\"}\n") ||
        !(type = last(s, n, middle)) || type < s + n_head) {
        o->subcode = subcode_text("no answer");
        return;
    }
    const char *value = s + n_head, *name = type + sizeof middle - 1;
    size_t n_value = (size_t)(type - value), n_name = (size_t)(s + n - 3 - name);
    int same = judge_value(check, l, value, n_value, c->value, strlen(c->value), o);
    if (same && *c->how == '!')
        same = judge_value(CHECK_TOKENS, l, name, n_name, c->type, strlen(c->type), o);
    else if (same && strstr(c->value, "{\"float\": \"nan\"}"))
        same = judge_value(CHECK_TOKENS, l, value, n_value, "", 0, o);
    o->verdict = same ? V_ACCEPTED : V_WRONG_ANSWER;
}
