// Values of function calls are compared outside of the guest, as Python would compare them,
// whatever it redefines.
// RUN: np=1 alone
// TIMEOUT: 300
#include "attacks/canary.h"

typedef struct {
    const char *source, *test, *want;
} row_t;

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
    {"from collections import *\ndef f(x): return Counter(x)",
     "assert f('aab') == {'a': 2, 'b': 1}", "accepted/"},
    {"from collections import *\ndef f(x): return defaultdict(list, a=[1])",
     "assert f(0) == {'a': [1]}", "accepted/"},
    /* values of classes of the library, and of one's own that derive from plain ones */
    {"from collections import *\nP = namedtuple('P', 'x y')\nf = lambda x: P(1, x)",
     "assert f(2) == (1, 2)", "accepted/"},
    {"from collections import *\nP = namedtuple('P', 'x y')\nf = lambda x: P(1, x)",
     "assert f(2) == (1, 3)", "wrong_answer/"},
    {"from collections import *\nP = namedtuple('P', 'x y')\nf = lambda x: [P(1, x)]",
     "assert f(2) == [[1, 2]]", "wrong_answer/"},
    {"from fractions import *\nf = lambda x: Fraction(x, 2)", "assert f(1) == 0.5", "accepted/"},
    {"from fractions import *\nf = lambda x: Fraction(x, 3)", "assert f(1) == Fraction(2, 6)",
     "accepted/"},
    {"from fractions import *\nf = lambda x: Fraction(x, 3)", "assert f(1) == 1 / 3",
     "wrong_answer/"},
    {"from decimal import *\nf = lambda x: [Decimal('0.50'), Decimal(x), Decimal('0.1')]",
     "assert f('7.0')[:2] == [0.5, 7]", "accepted/"},
    {"from decimal import *\nf = lambda x: Decimal(x)", "assert f('0.1') == 0.1", "wrong_answer/"},
    {"from decimal import *\nf = lambda x: Decimal(x)", "assert f('NaN') == Decimal('NaN')",
     "wrong_answer/"},
    {"from decimal import *\nf = lambda x: Decimal(x)", "assert f('1e9999999') == 1",
     "output_limit/answer"},
    {"f = lambda x: complex(x)", "assert f(2) == 2", "accepted/"},
    {"f = lambda x: complex(x, 1)", "assert f(2) == 2 + 1j", "accepted/"},
    {"f = lambda x: complex(x, 1)", "assert f(2) == 2", "wrong_answer/"},
    {"f = lambda x: range(x)", "assert f(3) == range(0, 3, 1)", "accepted/"},
    {"f = lambda x: range(0, x, 2)", "assert f(4) == range(0, 3, 2)", "accepted/"},
    {"f = lambda x: range(x)", "assert f(3) == range(4)", "wrong_answer/"},
    {"from collections import *\nf = lambda x: deque(x, 5)", "assert f([1, 2]) == deque([1, 2])",
     "accepted/"},
    {"from collections import *\nf = lambda x: deque(x)", "assert f([1, 2]) == [1, 2]",
     "wrong_answer/"},
    {"f = lambda x: bytearray(x)", "assert f(b'a') == b'a'", "accepted/"},
    {"f = lambda x: bytearray(x)", "assert f(b'a') == b'b'", "wrong_answer/"},
    {"import enum\nclass C(enum.IntEnum):\n    A = 7\nf = lambda x: C.A", "assert f(1) == 7",
     "accepted/"},
    {"import enum\nclass C(enum.Enum):\n    A = 7\nf = lambda x: C.A", "assert f(1) == 7",
     "wrong_answer/not plain data"},
    {"f = lambda x: frozenset(x)", "assert f([1, 1]) == {1}", "accepted/"},
    {"f = lambda x: {x: 1}.keys()", "assert f('a') == {'a'}", "accepted/"},
    {"import array\nf = lambda x: array.array('i', x)", "assert f([1]) == [1]", "wrong_answer/"},
    {"import datetime\nf = lambda x: datetime.date(x, 1, 2)",
     "assert f(2020) == datetime.date(2020, 1, 2)", "accepted/"},
    {"import datetime\nf = lambda x: datetime.timedelta(x)",
     "assert f(1) == datetime.timedelta(hours=23)", "wrong_answer/"},
    {"class L(list): pass\nclass S(str): pass\nclass D(dict): pass\nf = lambda x: L([S('a'), D(b=L())])",
     "assert f(1) == ['a', {'b': []}]", "accepted/"},
    {"class N(int):\n    def __add__(s, o): return N(int(s) + o)\nf = lambda x: N(x) + 1",
     "assert f(1) == 2", "accepted/"},
    {"class N(float): pass\nf = lambda x: N(x)", "assert f(1) is True", "wrong_answer/"},
    /* LeetCode's answers have its names; nobody else */
    {"class Solution:\n    def f(self, x: List[int]) -> Optional[int]: return max(Counter(x).values()) + inf * 0 if x else None",
     "assert Solution().f([]) == None", "accepted/"},
    {"from __future__ import annotations\nclass Solution:\n    def f(self, x: List[int]): return heapq.nsmallest(1, x)",
     "assert Solution().f([3, 1]) == [1]", "accepted/"},
    {"class Solution(object):\n    @lru_cache(None)\n    def f(self, x): return bisect_left([1, 3], x) + math.gcd(4, 6)",
     "assert Solution().f(2) == 3", "accepted/"},
    {"def deque(): return 3\nclass Solution:\n    def f(self): return deque(), pow(2, 3, 5)",
     "assert Solution().f() == (3, 3)", "accepted/"},
    {"class Solution2:\n    def f(self, x: List[int]): return x", "assert Solution2().f([]) == []",
     "runtime_error/exit status"},
    {"def f(x): return Counter(x)\n", "assert f('a') == {'a': 1}", "runtime_error/exit status"},
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
     "def f(): return [5, 'x', {2, 1}]",
     "assert f() == [5, 'x', {1, 2}]", "accepted/"},
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
    {"f = lambda x: range(3)", "assert f(1) == [0, 1, 2]", "wrong_answer/"},
    {"def f(x)", "assert f(1) == 1", "compile_error/syntax"},
    /* cheats */
    {"class E:\n    def __eq__(s, o): return True\n    __hash__ = None\nf = lambda x: E()",
     "assert f(1) == 1", "wrong_answer/not plain data"},
    {"class E(int):\n    def __eq__(s, o): return True\n    __repr__ = lambda s: '1'\nf = lambda x: E(5)",
     "assert f(1) == 1", "wrong_answer/"},
    {"class E(str):\n    def __eq__(s, o): return True\n    def __ne__(s, o): return False\nf = lambda x: E()",
     "assert f(1) == 'x'", "wrong_answer/"},
    {"class L(list):\n    def __iter__(s): return iter([1, 2])\nf = lambda x: L()",
     "assert f(1) == [1, 2]", "wrong_answer/"},
    {"class D(dict):\n    def items(s): return [(1, 2)]\n    __iter__ = keys = lambda s: [1]\nf = lambda x: D()",
     "assert f(1) == {1: 2}", "wrong_answer/"},
    {"from fractions import Fraction as F\nclass E(F):\n    numerator = denominator = property(lambda s: 1)\n"
     "    __eq__ = lambda s, o: True\nf = lambda x: E(2, 3)",
     "assert f(1) == 1", "wrong_answer/"},
    {"class f(int):\n    __new__ = lambda c, x: int.__new__(c, 3)\n    __int__ = __index__ = lambda s: 4",
     "assert f(1) == 4", "wrong_answer/"},
    {"import builtins\nbuiltins.eval = builtins.repr = builtins.type = lambda *x: 1\nf = lambda x: 2",
     "assert f(1) == 1", "wrong_answer/"},
    {"import sys\ndef f(x):\n    g = sys._getframe()\n    while g:\n        for n in list(g.f_globals):\n"
     "            if n in ('answer', 'value_text'): g.f_globals[n] = lambda *a: None\n        g = g.f_back\n"
     "    return 2",
     "assert f(1) == 1", "wrong_answer/"},
    {"import os\ndef f(x):\n    for n in range(1, 20):\n        try: os.write(n, b'{\"value\": 1, \"type\": \"int\"}\\n')\n"
     "        except OSError: pass\n    return 2",
     "assert f(1) == 1", "wrong_answer/"},
    {"import os\ndef f(x):\n    for n in range(1, 20):\n        try: os.write(n, b'accepted\\n{\"verdict\": \"accepted\"}\\n')\n"
     "        except OSError: pass\n    os._exit(0)",
     "assert f(1) == 1", "wrong_answer/no answer"},
    {"import os\nfor n in range(1, 20):\n    try: os.write(n, b'{\"refused\": \"type\"}\\n')\n"
     "    except OSError: pass\nf = lambda x: 1",
     "assert f(1) == 1", "wrong_answer/"},
    {"import os, re, gc, sys, ctypes\ndef f(x):\n"
     "    libc, (r, w), found = ctypes.CDLL(None), os.pipe(), bytearray()\n"
     "    os.set_blocking(r, False)\n"
     "    places = {id(o) >> 20 for o in gc.get_objects()[::100]} | {id(f) >> 20, id(x) >> 20}\n"
     "    for p in places:\n        for a in range(p << 20, (p + 1) << 20, 4096):\n"
     "            if libc.write(w, ctypes.c_void_p(a), 4096) > 0: found += os.read(r, 4096)\n"
     "    text = repr(os.environ) + repr(sys.argv) + repr([o for o in gc.get_objects() if type(o) in (list, tuple, dict)])\n"
     "    for n in range(20):\n        try: text += repr(os.read(n, 1000)) if n != r else ''\n        except OSError: pass\n"
     "    m = re.search(rb'SECRET-(\\d\\d\\d\\d)', found) or re.search(r'SECRET-(\\d\\d\\d\\d)', text)\n"
     "    return 'not found' if not m else 'SECRET-' + str(int(m.group(1)))",
     "assert f(1) == 'SECRET-4711'", "wrong_answer/"},
    /* programs of their own (sandbox_tests.c) */
    {"f = g = lambda x: x", "assert f(1) == g(1)", "accepted/test program"},
    {"f = lambda x: x", "assert f(1) > 0", "accepted/test program"},
    {"f = lambda x: x", "assert f(1) == 1 == 1", "accepted/test program"},
    {"f = lambda x: x", "assert f(1) == 1; f(2)", "accepted/test program"},
    {"f = lambda x: x", "assert f(1) == object()", "wrong_answer/test program"},
    {"f = lambda x: x", "assert isinstance(f(1), str)", "wrong_answer/test program"},
    {"f = lambda x: x", "  x = f(1)\n  assert x == 1", "accepted/test program"},
    /* no tests */
    {"f = lambda x: x", "assert f(1) == [", "checker_fault/bad test"},
    {"f = lambda x: x", "assert f(1) == 1 / 0", "checker_fault/bad test"},
    {"f = lambda x: x", "assert 1 == 1", "checker_fault/bad test"},
    {"f = lambda x: x", "x = 1\nassert x == 1", "checker_fault/bad test"},
    {"f = lambda x: x", "\n# f(1)\n", "checker_fault/bad test"},
    {"f = lambda x: x", "", "checker_fault/bad test"},
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
    job_t j = {.lang = lang,
               .source = r->source,
               .n_source = strlen(r->source),
               .n_test = n,
               .input = in,
               .n_input = n_in,
               .expect = none,
               .n_expect = zero,
               .check = check,
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

static void check_rows(keeper_t *k, const char *who, size_t step)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i += step) {
        done_t *d = run(k, &rows[i], 1, CHECK_TOKENS, LANG_PYTHON);
        expect(d, 0, &rows[i], who);
        done_free(d);
    }
}

static void check_more(keeper_t *k)
{
    static const row_t many[] = {
        {"n = 0\ndef f(x):\n    global n\n    n += 1\n    return n", "assert f(0) == 1",
         "accepted/"},
        {"", "assert f(1) == 1", "accepted/"}, /* nothing is left of the run before */
        {"", "assert f(1) == [", "checker_fault/bad test"},
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
        {"f = lambda x: x",
         "assert f([0.1 + 0.2, '0.30000000000000004', {1: -2}]) == "
         "[0.3, '0.30000000000000004', {1: -2.0000001}]",
         "accepted/"},
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
    const row_t c = {"int main(void) { return 0; }", "assert f(1) == 1", "checker_fault/bad test"};
    d = run(k, &c, 1, CHECK_TOKENS, LANG_C);
    expect(d, 0, &c, "C");
    done_free(d);
}

/* Tests are looked at without a program. */
static void check_looking(keeper_t *k)
{
    static const char *const text[] = {"assert f(1) == 1",
                                       "assert f(",
                                       "for i in range(3):\n    assert f(i) < f(i + 1)",
                                       "assert f(1) == 1 / 0",
                                       "x = 1\nassert x == 1",
                                       "def check(c):\n    assert c(1)\ncheck(f)",
                                       "\xff"};
    static const char *const wrong[] = {NULL,           "was never closed",
                                        NULL,           "ZeroDivisionError",
                                        "asks nothing", NULL,
                                        "utf-8"};
    char *why[7];
    int n = keeper_check_calls(k, text, 7, why);
    check(n == 4, "%d", n);
    for (int i = 0; i < 7; i++) {
        check(!why[i] == !wrong[i] && (!why[i] || strstr(why[i], wrong[i])), "%s: %s", text[i],
              why[i]);
        mem_free(why[i]);
    }
    check(keeper_check_calls(k, text, 0, why) == 0);
}

static int suite(const char *who, int modes, const char *mode, size_t step)
{
    keeper_t *k = keeper_start(1);
    /* a refused answer of 2^20 nodes takes half a second, and more where a neighbour works */
    const limits_t l = {.cpu_ms = 4000, .wall_ms = 20000, .memory_kb = 131072, .output_kb = 1024};
    keeper_configure(k, &l, modes, 1);
    int stands = !strncmp(keeper_mode(k), mode, strlen(mode)) && *keeper_toolchain(k, LANG_PYTHON);
    if (stands) {
        check_rows(k, who, step);
        check_more(k);
        check_looking(k);
    } else {
        printf("%s: %s\n", who, keeper_mode(k));
    }
    keeper_stop(k);
    check(mem_live() == 0, "%s: %zu bytes were not freed", who, mem_live());
    return test_failures ? 1 : stands ? 0 : 77;
}

typedef struct {
    const char *who, *mode;
    int modes;
    size_t step;
} place_t;

static int in_mode(void *ctx)
{
    const place_t *p = ctx;
    return mode_enter(p->modes, 0) ? suite(p->who, p->modes, p->mode, p->step) : 77;
}

int main(void)
{
    place_t table[] = {
        {"zygote", "namespaces", 0, 1},
        {"zygote, no groups", "namespaces+seccomp+rlimits", MODE_NO_CGROUPS, 4},
        {"cold", "degraded", MODE_NO_CGROUPS | MODE_DEGRADED, 4},
    };
    int ran = 0;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        int status = mode_forked(in_mode, &table[i]);
        check(status == 0 || status == 77, "%s: %d", table[i].who, status);
        ran += status == 0;
    }
    return test_failures ? 1 : ran ? 0 : 77;
}
