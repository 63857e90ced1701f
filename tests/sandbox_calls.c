// Values of function calls are compared outside of the guest, as Python would compare them, whatever it redefines.
// RUN: np=1
#include "test.h"
#include "sandbox.h"

typedef struct { const char *source, *test, *want; } row_t;

static const row_t rows[] = {
    /* what is equal */
    {"f = lambda x: x", "assert f(1) == 1", "accepted/"},
    {"f = lambda x: x", "assert f(True) == 1", "accepted/"},
    {"f = lambda x: x", "assert f(1.0) == True", "accepted/"},
    {"f = lambda x: x", "assert f(-0.0) == 0", "accepted/"},
    {"f = lambda x: x", "assert f(2**53 + 1) == 2.0**53", "wrong_answer/"},
    {"f = lambda x: x", "assert f(10**5000) == 10**5000", "accepted/"},
    {"f = lambda x: x", "assert f(10**5000) == 10**5000 + 1", "wrong_answer/"},
    {"f = lambda x: x", "assert f(0.1 + 0.2) == 0.3", "wrong_answer/"},
    {"f = lambda x: x", "assert f(1e300 * 10) == 1e301", "accepted/"},
    {"f = lambda x: x", "assert f(float('inf')) == float('inf')", "accepted/"},
    {"f = lambda x: x", "assert f(float('inf')) == float('-inf')", "wrong_answer/"},
    {"f = lambda x: x", "assert f(float('nan')) == float('nan')", "wrong_answer/"},
    {"f = lambda x: x", "assert f([1, (2, 'a')]) == [1, (2, 'a')]", "accepted/"},
    {"f = lambda x: x", "assert f((1, 2)) == [1, 2]", "wrong_answer/"},
    {"f = lambda x: x", "assert f('1') == 1", "wrong_answer/"},
    {"f = lambda x: x", "assert f(b'1') == '1'", "wrong_answer/"},
    {"f = lambda x: x", "assert f({3, 1, 2.0}) == {1, 2, 3}", "accepted/"},
    {"f = lambda x: x", "assert f({'b': 1, 'a': {}}) == {'a': {}, 'b': 1}", "accepted/"},
    {"f = lambda x: x", "assert f('\\ud83d\\ude00') == '\\U0001f600'", "wrong_answer/"},
    {"f = lambda x: x", "assert f('\"}\\n\\x00\\\\') == '\"}\\n\\x00\\\\'", "accepted/"},
    {"f = lambda x: x", "assert f('{\"float\": \"nan\"}') == '{\"float\": \"nan\"}'", "accepted/"},
    {"from collections import *\ndef f(x): return Counter(x)", "assert f('aab') == {'a': 2, 'b': 1}",
     "accepted/"},
    {"from collections import *\ndef f(x): return defaultdict(list, a=[1])",
     "assert f(0) == {'a': [1]}", "accepted/"},
    {"f = lambda x: x", "assert f(None) is None", "accepted/"},
    {"f = lambda x: x", "assert f(1) is True", "wrong_answer/"},
    {"f = lambda x: x", "assert f('x')", "accepted/"},
    {"f = lambda x: x", "assert not f([])", "accepted/"},
    {"f = lambda x: x", "assert not f([0])", "wrong_answer/"},
    {"f = lambda x: x", "assert (1,\n  2) == f((1, # one\n 2)), 'words'", "accepted/"},
    {"f = lambda *x, **y: (x, y)", "assert f(*[1], a=2)[1]['a'] == math.floor(2.5)", "accepted/"},
    /* as a module: its main part is not run */
    {"def f(): return __name__\nif __name__ == '__main__': input()", "assert f() == 'main'",
     "accepted/"},
    {"import sys, dataclasses\n@dataclasses.dataclass\nclass A:\n    x: int\ndef f(): return A(3).x",
     "assert f() == 3", "accepted/"},
    {"import sys\nseen = sys.stdin.read()\ndef f(): return seen", "assert f() == ''", "accepted/"},
    {"def f():\n    print('noise', flush=True)\n    import os\n    os.write(1, b'x' * 100)\n    return 5",
     "assert f() == 5", "accepted/"},
    {"import os\nos.close(1)\ndef f(): return 5", "assert f() == 5", "accepted/"},
    {"class int(int): pass\nstr = list = type = print = sorted = len = None\n"
     "def f(): return [5, 'x', {2, 1}]", "assert f() == [5, 'x', {1, 2}]", "accepted/"},
    /* what is no answer */
    {"f = 1", "assert f(1) == 1", "runtime_error/exit status"},
    {"", "assert f(1) == 1", "runtime_error/exit status"},
    {"def f(x): return f(x)", "assert f(1) == 1", "runtime_error/exit status"},
    {"def f(x): raise SystemExit(0)", "assert f(1) == 1", "wrong_answer/no answer"},
    {"import os\ndef f(x): os._exit(0)", "assert f(1) == 1", "wrong_answer/no answer"},
    {"import os\nos._exit(0)", "assert f(1) == 1", "wrong_answer/no answer"},
    {"import atexit, os\natexit.register(os._exit, 0)\nf = lambda x: 2", "assert f(1) == 1",
     "wrong_answer/"},
    {"def f(x):\n    while True: pass", "assert f(1) == 1", "time_limit/cpu"},
    {"def f(x): return 'x' * (3 << 20)", "assert f(1) == 1", "output_limit/"},
    {"def f(x): return [0] * (1 << 21)", "assert f(1) == 1", "output_limit/answer"},
    {"def f(x):\n    a = []\n    for i in range(30): a = [a, a]\n    return a", "assert f(1) == 1",
     "output_limit/answer"},
    {"def f(x):\n    a = []\n    a.append(a)\n    return a", "assert f(1) == 1",
     "wrong_answer/not plain data"},
    {"def f(x):\n    a = []\n    for i in range(2000): a = [a]\n    return a", "assert f(1) == 1",
     "wrong_answer/not plain data"},
    {"f = lambda x: object()", "assert f(1) == 1", "wrong_answer/not plain data"},
    {"f = lambda x: [f]", "assert f(1) == 1", "wrong_answer/not plain data"},
    {"f = lambda x: range(3)", "assert f(1) == [0, 1, 2]", "wrong_answer/not plain data"},
    {"def f(x)", "assert f(1) == 1", "compile_error/syntax"},
    /* cheats */
    {"class E:\n    def __eq__(s, o): return True\n    __hash__ = None\nf = lambda x: E()",
     "assert f(1) == 1", "wrong_answer/not plain data"},
    {"class E(int):\n    def __eq__(s, o): return True\n    __repr__ = lambda s: '1'\nf = lambda x: E(5)",
     "assert f(1) == 1", "wrong_answer/not plain data"},
    {"class E(str):\n    def __eq__(s, o): return True\n    def __ne__(s, o): return False\nf = lambda x: E()",
     "assert f(1) == 'x'", "wrong_answer/not plain data"},
    {"class L(list):\n    def __iter__(s): return iter([1, 2])\nf = lambda x: L()",
     "assert f(1) == [1, 2]", "wrong_answer/not plain data"},
    {"import builtins\nbuiltins.eval = builtins.repr = builtins.type = lambda *x: 1\nf = lambda x: 2",
     "assert f(1) == 1", "wrong_answer/"},
    {"import sys\ndef f(x):\n    g = sys._getframe()\n    while g:\n        for n in list(g.f_globals):\n"
     "            if n in ('answer', 'value_text'): g.f_globals[n] = lambda *a: None\n        g = g.f_back\n"
     "    return 2", "assert f(1) == 1", "wrong_answer/"},
    {"import os\ndef f(x):\n    for n in range(1, 20):\n        try: os.write(n, b'{\"value\": 1, \"type\": \"int\"}\\n')\n"
     "        except OSError: pass\n    return 2", "assert f(1) == 1", "wrong_answer/"},
    {"import os\ndef f(x):\n    for n in range(1, 20):\n        try: os.write(n, b'accepted\\n{\"verdict\": \"accepted\"}\\n')\n"
     "        except OSError: pass\n    os._exit(0)", "assert f(1) == 1", "wrong_answer/no answer"},
    {"import os\nfor n in range(1, 20):\n    try: os.write(n, b'{\"refused\": \"type\"}\\n')\n"
     "    except OSError: pass\nf = lambda x: 1", "assert f(1) == 1", "wrong_answer/"},
    {"import os, re, gc, sys, ctypes\ndef f(x):\n"
     "    libc, (r, w), found = ctypes.CDLL(None), os.pipe(), bytearray()\n"
     "    os.set_blocking(r, False)\n"
     "    places = {id(o) >> 20 for o in gc.get_objects()[::100]} | {id(f) >> 20, id(x) >> 20}\n"
     "    for p in places:\n        for a in range(p << 20, (p + 1) << 20, 4096):\n"
     "            if libc.write(w, ctypes.c_void_p(a), 4096) > 0: found += os.read(r, 4096)\n"
     "    text = repr(os.environ) + repr(sys.argv) + repr([o for o in gc.get_objects() if type(o) in (list, tuple, dict)])\n"
     "    for n in range(20):\n        try: text += repr(os.read(n, 1000)) if n != r else ''\n        except OSError: pass\n"
     "    m = re.search(rb'SECRET-(\\d\\d\\d\\d)', found) or re.search(r'SECRET-(\\d\\d\\d\\d)', text)\n"
     "    return 'not found' if not m else 'SECRET-' + str(int(m.group(1)))", "assert f(1) == 'SECRET-4711'",
     "wrong_answer/"},
    /* no tests */
    {"f = g = lambda x: x", "assert f(1) == g(1)", "fault/bad test"},
    {"f = lambda x: x", "assert f(1) > 0", "fault/bad test"},
    {"f = lambda x: x", "assert f(1) == 1 == 1", "fault/bad test"},
    {"f = lambda x: x", "assert f(1) == [", "fault/bad test"},
    {"f = lambda x: x", "print(f(1))", "fault/bad test"},
    {"f = lambda x: x", "assert f(1) == 1; f(2)", "fault/bad test"},
    {"f = lambda x: x", "assert f(1) == 1 / 0", "fault/bad test"},
    {"f = lambda x: x", "assert f(1) == object()", "fault/bad test"},
    {"f = lambda x: x", "", "fault/bad test"},
};

static done_t *run(keeper_t *k, const row_t *r, int n, check_t c, lang_t lang)
{
    const char *in[100];
    size_t n_in[100];
    check_t check[100];
    form_t form[100];
    for (int i = 0; i < n; i++) {
        in[i] = r[i].test;
        n_in[i] = strlen(r[i].test);
        check[i] = c;
        form[i] = FORM_CALL;
    }
    const char *none[100] = {NULL};
    const size_t zero[100] = {0};
    job_t j = {.lang = lang, .source = r->source, .n_source = strlen(r->source), .n_test = n,
               .input = in, .n_input = n_in, .expect = none, .n_expect = zero, .check = check,
               .form = form};
    keeper_submit(k, &j);
    done_t *d = keeper_poll(k, 120000);
    if (!d)
        fail(CODE_FAULT, "no answer within two minutes");
    return d;
}

static void expect(const done_t *d, int i, const row_t *r, const char *who)
{
    char got[100];
    const outcome_t *o = &d->outcome[i];
    snprintf(got, sizeof got, "%s/%s", verdict_names[o->verdict], o->subcode);
    check(!strncmp(got, r->want, strlen(r->want)), "%s\n%s\n%s\n  wanted %s, got %s (%.*s): %s",
          who, r->source, r->test, r->want, got, o->n_got, o->got, d->message);
}

static void check_rows(keeper_t *k, const char *who)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        done_t *d = run(k, &rows[i], 1, CHECK_TOKENS, LANG_PYTHON);
        expect(d, 0, &rows[i], who);
        done_free(d);
    }
}

static void check_more(keeper_t *k)
{
    static const row_t many[] = {
        {"n = 0\ndef f(x):\n    global n\n    n += 1\n    return n", "assert f(0) == 1", "accepted/"},
        {"", "assert f(1) == 1", "accepted/"}, /* nothing is left of the run before */
        {"", "assert f(1) == [", "fault/bad test"},
        {"", "assert f(1) == 'x'", "wrong_answer/"},
    };
    done_t *d = run(k, many, 4, CHECK_TOKENS, LANG_PYTHON);
    for (int i = 0; i < 4; i++)
        expect(d, i, &many[i], "together");
    check(strstr(d->message, "test 3"), "%s", d->message);
    check(d->outcome[3].n_got == 1 && d->outcome[3].got[0] == '1' && d->outcome[3].n_want == 3 &&
          !memcmp(d->outcome[3].want, "\"x\"", 3));
    done_free(d);
    static const row_t floats[] = {
        {"f = lambda x: x", "assert f([0.1 + 0.2, '0.30000000000000004', {1: -2}]) == "
         "[0.3, '0.30000000000000004', {1: -2.0000001}]", "accepted/"},
        {"", "assert f('0.30000000000000004') == '0.3'", "wrong_answer/"},
        {"", "assert f(0.31) == 0.3", "wrong_answer/"},
        {"", "assert f([0.3]) == [0.3, 1]", "wrong_answer/"},
        {"", "assert f(float('nan')) == 1", "wrong_answer/"},
        {"", "assert f('a\\\"1') == 'a\\\"1.0'", "wrong_answer/"},
    };
    d = run(k, floats, 6, CHECK_FLOAT, LANG_PYTHON);
    for (int i = 0; i < 6; i++)
        expect(d, i, &floats[i], "floats");
    done_free(d);
    const row_t c = {"int main(void) { return 0; }", "assert f(1) == 1", "fault/bad test"};
    d = run(k, &c, 1, CHECK_TOKENS, LANG_C);
    expect(d, 0, &c, "C");
    done_free(d);
}

int main(int argc, char **argv)
{
    keeper_t *k = keeper_start(1);
    test_begin(&argc, &argv);
    /* a refused answer of 2^20 nodes takes half a second, and more where a neighbour works */
    const limits_t l = {.cpu_ms = 4000, .wall_ms = 20000, .memory_kb = 131072, .output_kb = 1024};
    keeper_configure(k, &l, 0, 1);
    if (strncmp(keeper_mode(k), "namespaces", 10)) {
        static char why[300];
        snprintf(why, sizeof why, "%s", keeper_mode(k));
        keeper_stop(k);
        test_skip(why);
    }
    check_rows(k, "zygote");
    check_more(k);
    keeper_stop(k);
    return test_end();
}
