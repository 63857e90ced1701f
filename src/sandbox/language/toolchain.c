/* What the tool-chain of a row of the table of languages can do on this machine, inside
   the sandbox: are its programs there, what does it call itself, which options does it
   take.

   Found out at the first need of a language (a Java virtual machine takes a quarter of a
   second to say its version) and told to the keeper, which hands it to the launchers
   that it starts later.  An option is tried on the row's probe program; one that fails
   is left out.  A language without a probe is taken at its version's word. */
#include "compile.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <limits.h>
#include <unistd.h>

int toolchain_path(const char *word, char *out, size_t cap)
{
    const char *const in[] = {"/usr/local/bin", "/usr/bin", "/bin"};
    if (strchr(word, '/')) {
        snprintf(out, cap, "%s", word);
        return word[0] == '.' || access(word, X_OK) == 0;
    }
    for (size_t i = 0; i < sizeof in / sizeof *in; i++) {
        snprintf(out, cap, "%s/%s", in[i], word);
        if (access(out, X_OK) == 0)
            return 1;
    }
    return 0;
}

void toolchain_variables(const language_t *l, line_t *out)
{
    char path[300], real[PATH_MAX] = "", *end;
    line_t version;
    *out = (line_t){0};
    if (!l->environment)
        return;
    line_split(&version, l->version, (const char *const[]){NULL});
    toolchain_path(version.word[0], path, sizeof path);
    if (realpath(path, real) && (end = strrchr(real, '/')))
        *end = 0;
    line_split(out, l->environment, (const char *const[]){"folder", real, NULL});
    line_reset(&version);
}

static int are_there(language_t *l)
{
    const char *const lines[] = {l->compile, l->run, l->version, l->precompile};
    const char *const nothing[] = {"source", "", "program", "", "memory_mb", "", "class", "", NULL};
    for (int i = 0; i < 4; i++) {
        char path[300];
        line_t line = {0};
        if (lines[i])
            line_split(&line, lines[i], nothing);
        int there = !lines[i] || (line.n && toolchain_path(line.word[0], path, sizeof path));
        if (!there)
            snprintf(l->why, sizeof l->why,
                     "%.60s is not installed%s; install it there, or give its row in the table "
                     "of languages another one",
                     line.n ? line.word[0] : "nothing",
                     strchr(line.word[0], '/') ? "" : " in /usr/local/bin, /usr/bin or /bin");
        line_reset(&line);
        if (!there)
            return 0;
    }
    return 1;
}

static void words_of(const guest_t *r, char *out, size_t cap)
{
    const text_t *t = r->out.len ? &r->out : &r->err;
    const char *s = t->s ? t->s : "";
    snprintf(out, cap, "%.*s", (int)strcspn(s, "\n"), s);
}

static int says_version(box_t *b, language_t *l, char *version, size_t cap)
{
    char path[300];
    line_t line;
    line_split(&line, l->version, (const char *const[]){NULL});
    toolchain_path(line.word[0], path, sizeof path);
    line.word[0] = path;
    line_t variables;
    toolchain_variables(l, &variables);
    guest_t r = {.argv = (const char *const *)line.word,
                 .exe = -1,
                 .in = "",
                 .variables = &variables};
    r.limits = (limits_t){.cpu_ms = 20000,
                          .wall_ms = 60000,
                          .memory_kb = 2 << 20,
                          .output_kb = 64,
                          .stderr_kb = 1024,
                          .stack_kb = 64 << 10,
                          .processes = 64,
                          .file_kb = 1 << 16};
    run_go(b, &r);
    int good = !r.fault && WIFEXITED(r.status) && WEXITSTATUS(r.status) == 0;
    words_of(&r, version, cap);
    if (!good)
        snprintf(l->why, sizeof l->why, "`%.60s` does not work in the sandbox: %.200s", l->version,
                 r.fault ? b->why : version);
    run_reset(&r);
    box_clean(b);
    line_reset(&variables);
    line_reset(&line);
    return good;
}

static int takes(box_t *b, language_t *l, uint64_t options)
{
    const limits_t given = {.compile_cpu_ms = 20000,
                            .compile_wall_ms = 60000,
                            .compile_memory_kb = 2 << 20,
                            .compile_file_kb = 1 << 16,
                            .stderr_kb = 1024,
                            .stack_kb = 64 << 10};
    const char *const file[] = {l->file, NULL};
    guest_t r;
    text_t source = {0};
    text_add(&source, l->probe);
    text_add(&source, "\n");
    uint64_t had = l->taken;
    l->taken = options;
    streams_source(b, "", NULL, 0);
    int good = compile_put(b, l->file, source.s, source.len);
    compile_run(b, l, &given, -1, file, &r);
    l->taken = had;
    good = good && !r.fault && WIFEXITED(r.status) && WEXITSTATUS(r.status) == 0;
    if (!good && !options) {
        char words[200];
        words_of(&r, words, sizeof words);
        snprintf(l->why, sizeof l->why, "its probe program does not compile in the sandbox: %.300s",
                 r.fault ? b->why : words);
    }
    run_reset(&r);
    box_clean(b);
    text_reset(&source);
    return good;
}

/* Linkers that are not installed need no trial. */
static int may_be_there(const char *option)
{
    char name[64], path[300];
    const char *linker = strstr(option, "-fuse-ld=");
    snprintf(name, sizeof name, "ld.%.50s", linker ? linker + 9 : "");
    return !linker || toolchain_path(name, path, sizeof path) ||
           toolchain_path(linker + 9, path, sizeof path);
}

static int try_options(box_t *b, language_t *l)
{
    line_t o = {0};
    l->taken = 0;
    if (l->options)
        line_split(&o, l->options, (const char *const[]){NULL});
    for (int i = 0; i < o.n; i++)
        if (may_be_there(o.word[i]) && takes(b, l, l->taken | 1u << i))
            l->taken |= 1u << i;
    line_reset(&o);
    return l->taken || !l->probe || takes(b, l, 0);
}

/* Version, flags, factors. */
static void name_it(language_t *l, const char *version)
{
    text_t t = {0};
    line_t o = {0};
    text_add(&t, version);
    if (l->compile)
        text_addf(&t, "; %s", l->compile);
    if (l->options)
        line_split(&o, l->options, (const char *const[]){NULL});
    for (int i = 0; i < o.n; i++)
        if (l->taken >> i & 1)
            text_addf(&t, " %s", o.word[i]);
    if (l->run && strncmp(l->run, "./", 2))
        text_addf(&t, "; %s", l->run);
    const char *const checkers[] = {l->checker_file, l->checker_text, l->checker_run};
    hash_t how = hash_bytes("", 0);
    for (int i = 0; i < 3; i++)
        how = hash_more(how, checkers[i] ? checkers[i] : "", checkers[i] ? strlen(checkers[i]) : 0);
    if (l->checker_run)
        text_addf(&t, "; checkers %08x", (unsigned)how.lo);
    const double factor[] = {l->cpu, l->wall, l->memory, l->processes, l->compiling};
    const char *const of[] = {"cpu", "wall", "memory", "processes", "compile"};
    for (int i = 0; i < 5; i++)
        if (factor[i] != 1)
            text_addf(&t, "; %s x%g", of[i], factor[i]);
    snprintf(l->tool, sizeof l->tool, "%s", t.s);
    line_reset(&o);
    text_reset(&t);
}

void toolchain_report(box_t *b, lang_t lang, text_t *out)
{
    const language_t *l = toolchain(b, lang);
    if (l->name && l->here)
        text_addf(out, "+%s", l->tool);
    else
        text_addf(out, "-%s", l->name ? l->why : "it has no row in the table of languages");
}

language_t *toolchain(box_t *b, lang_t lang)
{
    language_t *l = &b->languages.row[lang];
    char version[200] = "";
    if (l->probed || !l->name)
        return l;
    l->tool[0] = l->why[0] = 0;
    if (l->python) {
        l->here = b->python_tool[0] != 0;
        snprintf(version, sizeof version, "%s", b->python_tool);
        snprintf(l->why, sizeof l->why, "%.390s",
                 b->python[0] ? b->why
                              : "python3 is not installed in /usr/bin, /usr/local/bin or /bin");
    } else {
        l->here = are_there(l) && says_version(b, l, version, sizeof version) && try_options(b, l);
    }
    if (l->here)
        name_it(l, version);
    l->probed = 1;
    share_found(b, lang);
    return l;
}
