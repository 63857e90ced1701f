// An edited program is the same program with one comment more, wherever strings, comments, lines that
// go on and what must be first stand in it; lists of adv are those of heldout, edits equally often,
// and stay where verdicts do.
// RUN: np=1
// TIMEOUT: 120
#include "lexers.h"
#include "test.h"
#include "testbed/edit.h"

static const comment_t HASH = {1, "#", ""}, SLASHES = {1, "//", ""}, STARS = {1, "/*", "*/"};

typedef lexed_t (*lexer_t)(const char *s, size_t n);

static size_t count(const char *s, size_t n, const char *what)
{
    size_t k = 0, len = strlen(what);
    for (size_t i = 0; i + len <= n; i++)
        k += !memcmp(s + i, what, len);
    return k;
}

/* One program, many draws: its tokens stay, it has one comment more with these words in it and all
   of its own.  Where they came to stand is counted: head, own line, behind, tail. */
static void same_program(const char *name, lang_t lang, const comment_t *c, lexer_t lex,
                         const char *source, size_t n, int seen[4])
{
    program_t p = {.lang = lang, .source = (char *)(uintptr_t)source, .n_source = n};
    lexed_t before = lex(source, n);
    for (int seed = 0; seed < 300; seed++) {
        rng_t r = rng_make((uint64_t)seed, RNG_EDIT, 0, 0);
        text_t out = {0};
        edit_source(&out, &p, c, "Zebra zebra.", &r);
        lexed_t after = lex(out.s, out.len);
        int same =
            !strcmp(before.tokens.s ? before.tokens.s : "", after.tokens.s ? after.tokens.s : "");
        check(same, "%s, seed %d: other tokens in\n%s\n", name, seed, out.s);
        check(after.n_comment == before.n_comment + 1 &&
                  count(after.comments.s, after.comments.len, "Zebra zebra.") == 1,
              "%s, seed %d: %d comments, then %d:\n%s", name, seed, before.n_comment,
              after.n_comment, out.s);
        check(count(out.s, out.len, "Zebra zebra.") == 1 && out.len > n && out.len < n + 80);
        const char *at = strstr(out.s, "Zebra"), *line = at;
        while (line > out.s && line[-1] != '\n')
            line--;
        int own = strspn(line, " \t") == (size_t)(strstr(line, c->begin) - line);
        int tail = own && !strchr(at, '\n')[1];
        if (seen)
            seen[tail ? 3 : !own ? 2 : line == out.s ? 0 : 1]++;
        text_reset(&out);
        lexed_reset(&after);
        if (!same)
            break;
    }
    lexed_reset(&before);
}

static const char *const python[] = {
    "print(1)\n",
    "print(1)",
    "",
    "\n\n",
    "s = '''\n# no comment\n'''\nprint(s)\n",
    "x = \"# no comment\" # one\nprint(x)\n",
    "\"\"\"Doc\nstring\"\"\"\nimport sys\nprint(sys.argv)\n",
    "x = 1 + \\\n    2\nprint(x)\n",
    "y = [1,\n     2,  # two\n     3]\nif y:\n\n    print(y)\n\telse_ = 1\n",
    "#!/usr/bin/python3\n# -*- coding: latin-1 -*-\nprint('\xe9')\n",
    "# vim: set fileencoding=utf-8 :\nprint(1)\n",
    "#!/usr/bin/env python3",
    "\xef\xbb\xbfprint(1)\nprint(2)\n",
    "print(1)\r\nif 1:\r\n    print('''a\r\nb''')\r\n",
    "s = r'\\'\nprint('it\\'s # here', s) ; x = 'a\\\nb'\nprint(x)\n",
    "s = 'abc\\\n# not a comment'\nprint(s)\n",
    "def f():\n    '''doc'''\n    return {'a': \"'\", 'b': '''\"'''}\nprint(f())\n",
    "x = f\"{1 + 2}#{3}\"\nprint(x)\n",
    "print('a' 'b'\n      '''c\n# d\n''' \"e\")\n",
    "class A:\n\tx = 1\n\n\tdef f(self):\n\t\treturn self.x # x\nprint(A().f())\n\n\n",
    "for i in range(3): print(i)\nprint(\"\\\\\")\nprint('#')\n",
};

static const char *const c_code[] = {
    "int main(void) { return 0; }\n",
    "int main(void) { return 0; }",
    "",
    "#include <stdio.h>\n#define TWICE(x) \\\n    ((x) + \\\n     (x))\nint main(void)\n{\n    printf(\"%d // no\", TWICE(3));\n}\n",
    "char *s = \"/* no */\"; /* yes\n// still\n*/ int x; // end\nint y;\n",
    "int a = '\"'; char b = '\\''; /* \" */ char *t = \"\\\"//\";\nint c;\n",
    "// goes on \\\nint hidden;\nint shown;\n",
    "char *s = \"a\\\nb\";\nint z = 1; \\\n\nint w;\n",
    "#define EMPTY \\\n\nint main(void) { return 0; }\n#define LAST \\",
    "#if 0\nit's not lexed\n#endif\nint main(void) { return 0; }\n",
    "int f(int a, /* first */\n      int b) // second\n{\n\n    return a\n        / b;\n}\n",
    "const char *r = R\"x(\n// no comment\n)x\";\nint k;\n",
    "int x = 1;\r\n#define Y \\\r\n  2\r\nint z = Y;\r\n",
    "#include <a//b.h>\nint q; /**/ int p;\n/* open\n to the end */",
    "#define X 1 \\   \n + 2\nint y = X;\n",
};

/* What must stay whole in languages for which there is no second lexer here. */
static const struct {
    lang_t lang;
    const char *source, *whole[3];
} others[] = {
    {LANG_JAVA,
     "class A {\n  String s = \"\"\"\n  // no\n  /* no\n  \"\"\";\n  char c = '\"';\n}\n",
     {"\"\"\"\n  // no\n  /* no\n  \"\"\";", "class A {", "'\"';"}},
    {LANG_RUST,
     "#![allow(unused)]\nfn f<'a>(s: &'a str) -> &'a str { s }\nfn main() {\n  let a = r#\"x\n// \" y\n\"#;\n  let b = \"p\nq\";\n  /* a /* b\n */ c\n */\n  let c = '\"';\n}\n",
     {"r#\"x\n// \" y\n\"#;", "\"p\nq\";", "/* a /* b\n */ c\n */"}},
    {LANG_GO,
     "package main\nvar s = `a\n// b\n`\nvar r = '`'\nfunc main() {\n}\n",
     {"`a\n// b\n`", "package main", "'`'"}},
    {LANG_CPP,
     "int a = 1'000'000;\nauto s = u8R\"(x\n// y\n)\";\nint b = 0x1'f;\nchar c = u8'\"'; // '\nint d;\n",
     {"R\"(x\n// y\n)\";", "1'000'000", "u8'\"';"}},
    {LANG_RUBY,
     "#!/usr/bin/ruby\n# encoding: utf-8\nputs <<A\nx\nA\nprint DATA.read\n__END__\ndata\n",
     {"#!/usr/bin/ruby\n# encoding: utf-8\n", "puts <<A\nx\nA\n", "__END__\ndata\n"}},
    {LANG_PERL,
     "print <<A;\nx\nA\nprint 1\n=pod\n\nwords\n",
     {"<<A;\nx\nA\n", "=pod\n\nwords\n", "print 1\n"}},
    {LANG_JAVASCRIPT,
     "const s = `a\n${1}\n`;\nconsole.log(/[/*]/, s)\n",
     {"`a\n${1}\n`", "/[/*]/", "const s"}},
    {LANG_OCAML,
     "let s = \"a\n(* b\n\"\nlet () = print_string s\n",
     {"\"a\n(* b\n\"", "let () =", "print_string s"}},
};

static void keep_whole(void)
{
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        const char *s = others[i].source;
        program_t p = {.lang = others[i].lang,
                       .source = (char *)(uintptr_t)s,
                       .n_source = strlen(s)};
        int hash = p.lang == LANG_RUBY || p.lang == LANG_PERL;
        comment_t c = p.lang == LANG_OCAML ? (comment_t){1, "(*", "*)"} : hash ? HASH : SLASHES;
        int inner = 0;
        for (int seed = 0; seed < 300; seed++) {
            rng_t r = rng_make((uint64_t)seed, RNG_EDIT, 0, 0);
            text_t out = {0};
            edit_source(&out, &p, &c, "Zebra.", &r);
            for (int k = 0; k < 3; k++)
                check(strstr(out.s, others[i].whole[k]), "%s: `%s` is broken in\n%s",
                      lang_names[p.lang], others[i].whole[k], out.s);
            if (hash)
                check(strstr(out.s, "Zebra") <
                      strstr(out.s, p.lang == LANG_PERL ? "=pod" : "__END__"));
            check(p.lang != LANG_RUBY || !strncmp(out.s, s, 32), "%s", out.s);
            const char *at = strstr(out.s, "Zebra");
            inner += at - out.s > 12 && strchr(at, '\n')[1] != 0;
            text_reset(&out);
        }
        check(p.lang <= LANG_GO ? inner > 30 : inner == 0 || p.lang == LANG_RUBY, "%s: %d inside",
              lang_names[p.lang], inner);
    }
}

static void programs(void)
{
    int seen[4] = {0}, in_c[4] = {0};
    for (size_t i = 0; i < sizeof python / sizeof *python; i++) {
        char name[32];
        snprintf(name, sizeof name, "python %zu", i);
        same_program(name, LANG_PYTHON, &HASH, lex_python, python[i], strlen(python[i]), seen);
    }
    for (size_t i = 0; i < sizeof c_code / sizeof *c_code; i++) {
        char name[32];
        snprintf(name, sizeof name, "c %zu", i);
        same_program(name, LANG_C, &SLASHES, lex_c, c_code[i], strlen(c_code[i]), in_c);
        same_program(name, LANG_C, &STARS, lex_c, c_code[i], strlen(c_code[i]), NULL);
    }
    for (int k = 0; k < 4; k++)
        check(seen[k] > 200 && in_c[k] > 200, "place %d: %d in Python, %d in C", k, seen[k],
              in_c[k]);
    /* nothing may come before these */
    const char *first[] = {python[9], python[10], python[12]};
    const size_t whole[] = {42, 32, 3};
    for (int i = 0; i < 3; i++)
        for (int seed = 0; seed < 100; seed++) {
            program_t p = {.source = (char *)(uintptr_t)first[i], .n_source = strlen(first[i])};
            rng_t r = rng_make((uint64_t)seed, RNG_EDIT, 0, 0);
            text_t out = {0};
            edit_source(&out, &p, &HASH, "Zebra.", &r);
            check(!memcmp(out.s, first[i], whole[i]), "%s", out.s);
            text_reset(&out);
        }
}

/* A nested f-string is doubted: no comment inside. */
static void doubted(void)
{
    const char *s = "x = {'a': 1}\nprint(f\"{x[\"a\"]} # {x['a']}\")\nprint(2)\n";
    program_t p = {.source = (char *)(uintptr_t)s, .n_source = strlen(s)};
    for (int seed = 0; seed < 200; seed++) {
        rng_t r = rng_make((uint64_t)seed, RNG_EDIT, 0, 0);
        text_t out = {0};
        edit_source(&out, &p, &HASH, "Zebra.", &r);
        check(strstr(out.s, s), "%s", out.s);
        text_reset(&out);
    }
}

/* Every text: plain letters, nothing that a tool reads, enough of them. */
static void wordings(void)
{
    problem_t p = {.statement = (char *)(uintptr_t) "Print n.", .family = (char *)(uintptr_t) "x"};
    for (int e = EDIT_NONE + 1; e < EDITS; e++) {
        char seen[80][120];
        int n = 0;
        check(edit_wordings((edit_t)e) >= 6);
        for (int i = 0; i < 600 && n < 80; i++) {
            rng_t r = rng_make(7, RNG_EDIT, (uint64_t)e, (uint64_t)i);
            text_t t = {0};
            edit_words(&t, (edit_t)e, &p, &r);
            check(
                t.len > 8 && t.len < 110 &&
                    strspn(t.s,
                           "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ,.:") ==
                        t.len,
                "%s", t.s);
            check(!strstr(t.s, "coding:") && t.s[t.len - 1] == '.', "%s", t.s);
            int k = 0;
            while (k < n && strcmp(seen[k], t.s))
                k++;
            if (k == n)
                snprintf(seen[n++], 120, "%s", t.s);
            text_reset(&t);
        }
        check(n >= 6, "%s: %d wordings", edit_names[e], n);
    }
    /* what a problem is about is not said of it, whatever its family is called; all of it at once */
    static const char *const about[][3] = {{"Sort the list and print the SMALLEST.", "sort",
                                            "prints the smallest"},
                                           {"Print the Fibonacci number n.", "imported",
                                            "Fibonacci"},
                                           {"Is n a prime?", "number", "is prime"}};
    for (int a = 0; a < 3; a++)
        for (int i = 0; i < 500; i++) {
            problem_t q = {.statement = (char *)(uintptr_t)about[a][0],
                           .family = (char *)(uintptr_t)about[a][1]};
            rng_t r = rng_make(8, RNG_EDIT, 0, (uint64_t)i);
            text_t t = {0};
            edit_words(&t, EDIT_MISLEADING, &q, &r);
            check(!strstr(t.s, about[a][2]), "%s: %s", about[a][0], t.s);
            text_reset(&t);
        }
    problem_t all =
        {.family = (char *)(uintptr_t) "x",
         .statement =
             (char *)(uintptr_t) "sum revers sort vowel prime gcd longest median binary product "
                                 "fibonacci space path bracket game star"};
    rng_t r = rng_make(8, RNG_EDIT, 0, 0);
    text_t t = {0};
    edit_words(&t, EDIT_MISLEADING, &all, &r);
    check(strstr(t.s, "greeting"), "%s", t.s);
    text_reset(&t);
}

/* Lists -------------------------------------------------------------------------------------- */

/* Drawn problems with the verdicts that execution might have given: mutant i passes i of the tests. */
static bank_t drawn(lang_t lang)
{
    bank_t b = {0};
    draw_t d = {.seed = 4,
                .count = 61,
                .split = SUITE_HELDOUT,
                .lang = lang,
                .difficulty = 1,
                .weak = 6,
                .strong = 2,
                .equivalents = 1,
                .tests = 8,
                .rewrite = 0.3,
                .families = "accum,string,sort,number,cond"};
    for (int i = 0; i < d.count; i++)
        draw_problem(&b, &d, i);
    for (int i = 0, k = 0; i < b.n_program; i++) {
        const program_t *p = &b.program[i];
        k = i && b.program[i - 1].problem == p->problem ? k + 1 : 0;
        int right = p->pool == POOL_REFERENCE || p->pool == POOL_EQUIVALENT;
        for (int t = 0; t < d.tests; t++) {
            verdict_t v = {.program = i,
                           .test = b.problem[p->problem].test + t,
                           .verdict = right || t < k % 5 ? V_ACCEPTED : V_WRONG_ANSWER};
            PUSH(b.verdict, b.n_verdict, b.cap_verdict, v);
        }
    }
    bank_rates(&b);
    for (int i = 0; i < b.n_problem; i++)
        lists_make(&b, i, SUITE_HELDOUT, 2, 9), lists_make(&b, i, SUITE_STRONG, 1, 9);
    return b;
}

/* Edited programs get their originals' verdicts. */
static void execute(bank_t *b)
{
    int had = b->n_verdict;
    for (int i = 0; i < b->n_program; i++) {
        const program_t *p = &b->program[i];
        if (!program_edited(p) || !isnan(p->pass_rate))
            continue;
        int of = -1;
        for (int k = 0; k < b->n_list; k++)
            for (int j = 0; j < b->list[k].n; j++)
                if (b->list[k].edit && b->list[k].program[j] == i)
                    of = b->list[b->list[k].base].program[j];
        for (int v = 0; v < had && of >= 0; v++)
            if (b->verdict[v].program == of) {
                verdict_t one = b->verdict[v];
                one.program = i;
                PUSH(b->verdict, b->n_verdict, b->cap_verdict, one);
            }
    }
    bank_rates(b);
}

static void check_lists(const bank_t *b, int first, lexer_t lex, const char *begin)
{
    for (int i = first; i < b->n_list; i++) {
        const list_t *l = &b->list[i], *u = &b->list[l->base];
        check(l->suite == SUITE_ADV && l->edit && u->suite == SUITE_HELDOUT && !u->edit);
        check(l->n == u->n && l->answer == u->answer && l->problem == u->problem);
        for (int k = 0; k < l->n; k++) {
            const program_t *p = &b->program[l->program[k]], *q = &b->program[u->program[k]];
            int touched = l->edit <= EDIT_REFERENCE ? k != l->answer : k == l->answer;
            check((p != q) == touched, "list %d, candidate %d, %s", i, k, edit_names[l->edit]);
            if (!touched)
                continue;
            lexed_t x = lex(p->source, p->n_source), y = lex(q->source, q->n_source);
            check(!strcmp(x.tokens.s, y.tokens.s), "%s\n%s", p->source, q->source);
            check(x.n_comment == y.n_comment + 1 && strstr(p->source, begin));
            check(!strcmp(program_edited(p), q->origin) && strstr(p->origin, edit_names[l->edit]));
            check(p->pool == q->pool && p->lang == q->lang && !strcmp(p->core, q->core) &&
                  !strcmp(p->walk, q->walk) && !hash_equal(p->id, q->id));
            lexed_reset(&x), lexed_reset(&y);
        }
    }
}

static void lists(lang_t lang, lexer_t lex, const char *begin)
{
    comment_t comment[LANGS] = {[LANG_PYTHON] = HASH, [LANG_C] = SLASHES};
    bank_t b = drawn(lang), again = drawn(lang);
    int had = b.n_list, held = 0, programs = b.n_program, of[EDITS] = {0}, known, meanings;
    hash_t *id = ALLOC(hash_t, b.n_verdict);
    for (int i = 0; i < b.n_verdict; i++)
        id[i] = b.program[b.verdict[i].program].id;
    for (int i = 0; i < had; i++)
        held += b.list[i].suite == SUITE_HELDOUT;
    meanings = bank_meanings(&b, SUITES, &known);
    int made = edits_make(&b, 5, comment);
    check(made == held && b.n_list == had + held && held > 90, "%d of %d lists", made, held);
    for (int i = 0; i < b.n_verdict; i++)
        check(hash_equal(id[i], b.program[b.verdict[i].program].id), "verdict %d", i);
    for (int i = 1; i < b.n_program; i++)
        check(b.program[i].problem >= b.program[i - 1].problem, "program %d is out of order", i);
    execute(&b);
    check_lists(&b, had, lex, begin);
    for (int i = had; i < b.n_list; i++) {
        of[b.list[i].edit]++;
        check(!list_check(&b, &b.list[i]), "%s", list_check(&b, &b.list[i]));
    }
    for (int e = 1; e < EDITS; e++)
        check(of[e] >= held / 6 && of[e] <= held / 6 + 1, "%s: %d of %d", edit_names[e], of[e],
              held);
    int now;
    check(bank_meanings(&b, SUITES, &now) == meanings && now == known, "%d problems, then %d",
          known, now);
    edits_t e = edits_settle(&b, NULL, NULL);
    check(e.lists == held && !e.changed && !e.unknown && e.programs == b.n_program - programs);
    text_t why = {0};
    check(!bank_check(&b, &why), "%s", why.s);
    text_reset(&why);

    edits_make(&again, 5, comment); /* the same; another seed: another */
    execute(&again);
    check(hash_equal(bank_hash(&again), bank_hash(&b)));
    bank_free(&again);
    again = drawn(lang);
    edits_make(&again, 6, comment);
    execute(&again);
    check(!hash_equal(bank_hash(&again), bank_hash(&b)));

    int rows = b.n_program; /* made again of the same lists: rows are found */
    b.n_list = had;
    check(edits_make(&b, 5, comment) == held && b.n_program == rows, "%d programs, then %d", rows,
          b.n_program);
    for (int p = 0; p < b.n_problem; p++) /* and no other suite takes them */
        lists_make(&b, p, SUITE_EQUIVALENT, 3, 1);
    for (int i = had + held; i < b.n_list; i++)
        for (int k = 0; k < b.list[i].n; k++)
            check(!program_edited(&b.program[b.list[i].program[k]]));
    mem_free(id);
    bank_free(&b), bank_free(&again);
}

static int told;
static void tell(void *ctx, int list, const char *why)
{
    (void)list;
    told += strstr(why, ctx) != NULL;
}

/* A verdict that changed, and one that is not there. */
static void settled(void)
{
    comment_t comment[LANGS] = {[LANG_PYTHON] = HASH};
    bank_t b = drawn(LANG_PYTHON);
    int had = b.n_list, made = edits_make(&b, 5, comment), lost = 0, uses = 0;
    execute(&b);
    const list_t *l = &b.list[had + 3];
    int p = l->program[l->edit <= EDIT_REFERENCE ? !l->answer : l->answer];
    for (int i = had; i < b.n_list; i++)
        for (int k = 0; k < b.list[i].n; k++)
            uses += b.list[i].program[k] == p;
    int v = 0;
    while (b.verdict[v].program != p)
        v++;
    verdict_kind_t was = b.verdict[v].verdict;
    b.verdict[v].verdict = V_FAULT;
    bank_t *c = &b;
    edits_t e = edits_settle(c, tell, (void *)(uintptr_t) "has no verdict");
    check(e.unknown == uses && !e.changed && told == uses && e.lists == made - uses, "%d %d",
          e.unknown, uses);
    bank_free(&b);

    b = drawn(LANG_PYTHON);
    edits_make(&b, 5, comment);
    execute(&b);
    told = 0;
    b.verdict[v].verdict = was == V_ACCEPTED ? V_TIME_LIMIT : V_ACCEPTED;
    e = edits_settle(&b, tell, (void *)(uintptr_t) "changed a verdict");
    check(e.changed == uses && !e.unknown && told == uses && b.n_list == had + made - uses, "%d",
          e.changed);
    for (int i = had; i < b.n_list; i++)
        for (int k = 0; k < b.list[i].n; k++)
            lost += b.list[i].program[k] == p;
    check(!lost);
    bank_free(&b);

    b = drawn(LANG_C); /* no comments in C: nothing is edited */
    check(edits_refused(&b, comment) == LANG_C && edits_make(&b, 5, comment) == 0);
    bank_free(&b);
    b = drawn(LANG_PYTHON);
    check(edits_refused(&b, comment) == -1);
    for (int i = 0; i < b.n_program; i++)
        b.program[i].label = LABEL_IMPORTED;
    check(edits_make(&b, 5, comment) == 0);
    bank_free(&b);
}

/* A prompt shows each program whole, the comment with it, also where it shows shared lines once. */
static void prompts(void)
{
    comment_t comment[LANGS] = {[LANG_PYTHON] = HASH};
    bank_t b = drawn(LANG_PYTHON);
    int had = b.n_list, apart = 0;
    edits_make(&b, 5, comment);
    template_t *brief = template_named("chatml");
    for (int i = had; i < b.n_list; i++) {
        const list_t *l = &b.list[i];
        text_t t = {0};
        prompt_text(&t, brief, &b, l, MODE_INSTRUCT);
        for (int k = 0; k < l->n; k++) {
            char letter[4] = {(char)('A' + k), ':', '\n', 0}, head[8];
            const program_t *p = &b.program[l->program[k]];
            const char *from = strstr(t.s, k ? letter : "\nA:\n");
            snprintf(head, sizeof head, "\n%c:\n", 'A' + k + 1);
            const char *end = k + 1 < l->n ? strstr(t.s, head) : strstr(t.s, "\nWhich program");
            check(from && end && end > from, "%s", t.s);
            if (!from || !end)
                break;
            from = strchr(from + (k == 0), '\n') + 1;
            size_t part = (size_t)(end + 1 - from), n = p->n_source;
            size_t shown = part < n ? part : n;
            check(shown <= n && !memcmp(p->source + n - shown, from, shown), "%s\nin\n%s",
                  p->source, t.s);
            /* what is not under its letter stands above all of them */
            text_t rest = {0};
            text_addn(&rest, p->source, n - shown);
            const char *above = strstr(t.s, rest.s ? rest.s : "");
            check(above && above <= strstr(t.s, "\nA:\n") + 1);
            apart += shown == n;
            text_reset(&rest);
        }
        text_reset(&t);
    }
    check(apart > 50, "%d programs shown whole", apart);
    template_free(brief);
    bank_free(&b);
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    programs();
    doubted();
    keep_whole();
    wordings();
    lists(LANG_PYTHON, lex_python, "# ");
    lists(LANG_C, lex_c, "// ");
    settled();
    prompts();
    return test_end();
}
