/* The programs of tests/attacks/CLASS/NAME.{py,c,cpp}, and whether what came of one is right.

   A program's first line says what it tries; its second what must come of it, and how it is run:
     EXPECT: verdict[/subcode] ...   any of these
     OUTPUT: words      what it should print (tokens; `large`: see below); without it nothing is
     compared INPUT: twice | large | words    two tests of "3 4"; 300,000 words; or these.  Else one
     test of "3 4" CHECK: float
     LIMITS: cpu_ms=n ...            instead of the runner's
     NEEDS: namespaces | root        else it is passed over
   separated by two spaces.  @TCP@ @UDP@ @NAME@ @FILE@ @REPO@ @PID@ @PPID@ @NEEDLE@ stand for the
   canaries (canary.h).  They run in the order of their names, class by class, so that a later one
   would see what an earlier one left behind. */
#pragma once
#include "test.h"
#include "sandbox.h"
#include <dirent.h>

enum { ATTACKS_MOST = 600, LARGE = 150000 };
static const char *const attack_classes[] = {"resource", "protocol", "escape", "cheat", "compile"};

typedef struct {
    char *name, *expect, *output, *needs, *input; /* input NULL: "3 4", or large */
    int class;
    lang_t lang;
    text_t source;
    int large, twice, large_output;
    check_t check;
    limits_t limits; /* zeros: the runner's */
} attack_t;

typedef struct {
    char word[16], value[300];
} replace_t;

static inline char *attack_field(const char *line, const char *key)
{
    const char *stop = line + strcspn(line, "\n"), *at = strstr(line, key), *end;
    if (!at || at > stop)
        return NULL;
    at += strlen(key) + 1;
    end = strstr(at, "  ");
    size_t n = (size_t)((end && end < stop ? end : stop) - at);
    char *copy = mem_text(at);
    copy[n] = 0;
    return copy;
}

static inline int attack_order(const void *a, const void *b)
{
    const attack_t *x = a, *y = b;
    return x->class != y->class ? x->class - y->class : strcmp(x->name, y->name);
}

/* Words between @ that are known; other @ stay. */
static inline void attack_replace(text_t *to, const text_t *from, const replace_t *r, int n)
{
    for (size_t at = 0; at < from->len; at++) {
        int i = 0;
        while (i < n && (from->len - at < strlen(r[i].word) ||
                         memcmp(from->s + at, r[i].word, strlen(r[i].word)) != 0))
            i++;
        if (i < n) {
            text_add(to, r[i].value);
            at += strlen(r[i].word) - 1;
        } else {
            text_addn(to, from->s + at, 1);
        }
    }
}

static inline void attack_limits(attack_t *x, const char *line)
{
    const struct {
        const char *name;
        int *to;
    } known[] = {{"cpu_ms=", &x->limits.cpu_ms},
                 {"wall_ms=", &x->limits.wall_ms},
                 {"memory_kb=", &x->limits.memory_kb},
                 {"compile_cpu_ms=", &x->limits.compile_cpu_ms},
                 {"stack_kb=", &x->limits.stack_kb},
                 {"processes=", &x->limits.processes}};
    char *words = attack_field(line, "LIMITS:");
    if (!words)
        return;
    for (char *w = strtok(words, " "); w; w = strtok(NULL, " "))
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            if (!strncmp(w, known[i].name, strlen(known[i].name)))
                *known[i].to = atoi(w + strlen(known[i].name));
    mem_free(words);
}

static inline int attack_read(attack_t *x, const char *path, const replace_t *r, int n_replace)
{
    text_t raw = {0};
    if (text_read_file(&raw, path) != 0)
        return 0;
    attack_replace(&x->source, &raw, r, n_replace);
    text_reset(&raw);
    const char *dot = strrchr(path, '.'), *line = strchr(x->source.s, '\n');
    x->lang = !strcmp(dot, ".py") ? LANG_PYTHON : !strcmp(dot, ".c") ? LANG_C : LANG_CPP;
    if (!line || !(x->expect = attack_field(++line, "EXPECT:")))
        return 0;
    x->output = attack_field(line, "OUTPUT:");
    x->needs = attack_field(line, "NEEDS:");
    x->large_output = x->output && !strcmp(x->output, "large");
    char *in = attack_field(line, "INPUT:"), *how = attack_field(line, "CHECK:");
    x->large = in && !strcmp(in, "large");
    x->twice = in && !strcmp(in, "twice");
    x->check = how ? CHECK_FLOAT : CHECK_TOKENS;
    attack_limits(x, line);
    if (!strcmp(attack_classes[x->class], "compile") && !strcmp(x->expect, "compile_error") &&
        !x->limits.compile_cpu_ms)
        x->limits.compile_cpu_ms = x->lang == LANG_CPP ? 800 : 400; /* bombs: they use it all */
    if (in && !x->large && !x->twice) {
        text_t line = {0};
        text_addf(&line, "%s\n", in);
        x->input = line.s;
    }
    mem_free(in);
    mem_free(how);
    return 1;
}

/* The programs of a folder behind the n that are there; how many there are then. */
static inline int attacks_of(attack_t *a, int n, const char *folder, int class, const replace_t *r,
                             int n_replace)
{
    text_t path = {0};
    DIR *d = opendir(folder);
    if (!d)
        fail(CODE_DATA, "%s: start the test in the repository's root", folder);
    for (struct dirent *e; n < ATTACKS_MOST && (e = readdir(d));) {
        if (e->d_name[0] == '.')
            continue;
        text_reset(&path);
        text_addf(&path, "%s/%s", folder, e->d_name);
        const char *from = strchr(path.s, '/') + 1;
        a[n] = (attack_t){.name = mem_text(strncmp(from, "attacks/", 8) ? from : from + 8),
                          .class = class};
        if (!attack_read(&a[n++], path.s, r, n_replace))
            fail(CODE_DATA, "%s: no line 2 with EXPECT:", path.s);
    }
    closedir(d);
    text_reset(&path);
    return n;
}

static inline int attacks_read(attack_t *a, const replace_t *r, int n_replace)
{
    int n = 0;
    for (int c = 0; c < 5; c++) {
        char folder[64];
        snprintf(folder, sizeof folder, "tests/attacks/%s", attack_classes[c]);
        n = attacks_of(a, n, folder, c, r, n_replace);
    }
    qsort(a, (size_t)n, sizeof *a, attack_order);
    return n;
}

static inline void attacks_free(attack_t *a, int n)
{
    for (int i = 0; i < n; i++) {
        mem_free(a[i].name);
        mem_free(a[i].expect);
        mem_free(a[i].output);
        mem_free(a[i].needs);
        mem_free(a[i].input);
        text_reset(&a[i].source);
    }
    mem_free(a);
}

/* large: 2 * LARGE words "x ". */
static inline void attack_submit(keeper_t *k, const attack_t *a, int64_t ticket, const char *large)
{
    const char *input = a->large   ? large
                        : a->input ? a->input
                                   : "3 4\n",
               *output = a->large_output ? large + 2 * LARGE : a->output;
    const char *in[2] = {input, input}, *want[2] = {output, output};
    size_t n_in[2] = {strlen(input), strlen(input)},
           n_want[2] = {output ? strlen(output) : 0, output ? strlen(output) : 0};
    check_t c[2] = {a->check, a->check};
    job_t j = {.ticket = ticket,
               .lang = a->lang,
               .source = a->source.s,
               .n_source = a->source.len,
               .n_test = 1 + a->twice,
               .input = in,
               .n_input = n_in,
               .expect = want,
               .n_expect = n_want,
               .check = c,
               .limits = a->limits};
    keeper_submit(k, &j);
}

static inline int attack_matches(const attack_t *a, const char *verdict, const char *subcode)
{
    char *words = mem_text(a->expect);
    int good = 0;
    for (char *w = strtok(words, " "); w; w = strtok(NULL, " ")) {
        char *sub = strchr(w, '/');
        if (sub)
            *sub++ = 0;
        good |= !strcmp(w, verdict) && (!sub || !strncmp(sub, subcode, strlen(sub)));
    }
    mem_free(words);
    return good;
}
