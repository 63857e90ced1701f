/* aletheia exec LANGUAGE FILE [--expect FILE] [section.key=value ...] < input

   Runs one program once in the sandbox, on this process's stdin, and prints one line of
   JSON: what happened to it.  Without --expect a program that ends well is `accepted`,
   whatever it printed; with it its output is compared, token by token.  The exit code
   says whether a verdict was reached (0) or the sandbox itself failed (70, and why on
   stderr); never how the program did.  No MPI. */
#include "app.h"
#include <string.h>
#include <unistd.h>

static void read_stdin(text_t *t)
{
    char part[1 << 16];
    ssize_t n = 0;
    while (!isatty(0) && (n = read(0, part, sizeof part)) > 0)
        text_addn(t, part, (size_t)n);
}

static void read_or_fail(text_t *t, const char *path)
{
    int why = text_read_file(t, path);
    if (why)
        fail(CODE_DATA, "%s: %s", path, strerror(why));
}

static void print(const outcome_t *o, const char *mode)
{
    printf("{\"verdict\": \"%s\", \"subcode\": \"%s\", \"exit\": %d, \"signal\": %d, "
           "\"cpu_us\": %lld, "
           "\"wall_us\": %lld, \"time_us\": %lld, \"memory_kb\": %lld, \"stdout_bytes\": "
           "%lld, "
           "\"stderr_bytes\": %lld, \"first_difference\": %lld, \"mode\": \"%s\"}\n",
           verdict_names[o->verdict], o->subcode, o->exit, o->signal,
           (long long)o->cpu_us, (long long)o->wall_us, (long long)o->cpu_us,
           (long long)o->memory_kb, (long long)o->stdout_bytes,
           (long long)o->stderr_bytes, (long long)o->first_difference, mode);
}

int verb_exec(call_t *c)
{
    const char *name[2] = {NULL, NULL}, *expect = NULL;
    char **override = ALLOC(char *, c->argc + 1);
    int n = 0, n_override = 0;
    for (int i = 0; i < c->argc; i++)
        if (!strcmp(c->argv[i], "--expect") && i + 1 < c->argc)
            expect = c->argv[++i];
        else if (n < 2)
            name[n++] = c->argv[i];
        else
            override[n_override++] = c->argv[i];
    if (n < 2)
        fail(CODE_USAGE, "usage: aletheia exec LANGUAGE FILE [--expect FILE] "
                         "[section.key=value ...] < input");
    deck_t *d = deck_open(NULL, n_override, override);
    limits_t l = limits_read(d);
    keeper_languages(c->keeper, d);
    keeper_configure(c->keeper, &l, limits_modes(d), 1);
    deck_free(d);
    mem_free(override);

    text_t source = {0}, input = {0}, want = {0};
    job_t j = {.lang = keeper_language(c->keeper, name[0]), .n_test = 1};
    read_or_fail(&source, name[1]);
    if (expect)
        read_or_fail(&want, expect);
    read_stdin(&input);
    const char *in = input.s ? input.s : "",
               *right = expect ? want.s ? want.s : "" : NULL;
    const check_t check = CHECK_TOKENS;
    j.source = source.s ? source.s : "";
    j.n_source = source.len;
    j.input = &in;
    j.n_input = &input.len;
    j.expect = &right;
    j.n_expect = &want.len;
    j.check = &check;
    keeper_submit(c->keeper, &j);
    done_t *done;
    while (!(done = keeper_poll(c->keeper, 1000))) {
    }
    print(&done->outcome[0], keeper_mode(c->keeper));
    int broken = done->outcome[0].verdict == V_FAULT;
    if (done->message[0] && done->outcome[0].verdict != V_ACCEPTED)
        fprintf(stderr, "%s%s", done->message,
                done->message[strlen(done->message) - 1] == '\n' ? "" : "\n");
    done_free(done);
    text_reset(&source);
    text_reset(&input);
    text_reset(&want);
    return broken ? CODE_FAULT : CODE_DONE;
}
