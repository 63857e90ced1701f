/* aletheia VERB ... : a table of verbs.

   Order matters.  The command line and the deck are checked first: a mistake in them costs
   milliseconds.  The sandbox's keeper is a fork of this process, so it starts before MPI and any
   thread exist.  Until MPI has told the rank, the launcher's environment does (mpirun, srun), so
   that of many ranks with the same bad command line only one speaks.  A verb that measures
   nothing in parallel runs without MPI at all. */
#include "app.h"
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

/* What a verb needs before it starts; DECK: its first argument is one, and overrides follow. */
enum { ALONE = 0, MPI = 1, KEEPER = 2, DECK = 4 };

static const struct {
    const char *verb;
    int (*run)(call_t *c);
    int needs;
    const char *arguments, *meaning;
} verbs[] = {
    {"problems", verb_problems, MPI | KEEPER | DECK, "DECK",
     "draw fresh problems, execute their programs, make lists"},
    {"grade", verb_grade, MPI | KEEPER | DECK, "DECK",
     "execute what is not executed yet in a problem file"},
    {"import", verb_import, MPI | KEEPER | DECK, "DECK",
     "lists and problems of others (JSON lines) as a problem file"},
    {"init", verb_init, MPI | DECK, "DECK", "make a random model directory"},
    {"plan", verb_plan, MPI, "DECK|DIR",
     "whether a model can be used, memory and files, before anything is loaded"},
    {"sft", verb_sft, MPI | DECK, "DECK", "train on written answers (warm start)"},
    {"train", verb_train, MPI | KEEPER | DECK, "DECK",
     "train by reinforcement learning with verifiable rewards"},
    {"collect", verb_collect, MPI | DECK, "DECK",
     "sample answers to a suite's lists, for recipes that learn from files"},
    {"eval", verb_eval, MPI | DECK, "DECK", "every number of a model per suite, with intervals"},
    {"select", verb_select, MPI | KEEPER | DECK, "DECK",
     "choose the best of N programs with a model, and execute the choice"},
    {"compare", verb_compare, MPI, "A B [C ...]",
     "verifiers on the same lists: paired differences and tests"},
    {"export", verb_export, MPI, "RUN|CKPT DIR", "a checkpoint as a Hugging Face model directory"},
    {"sample", verb_sample, MPI, "MODEL TEXT", "print a continuation"},
    {"score", verb_score, MPI, "MODEL FILE.jsonl [--skip-bad]",
     "log-probabilities of given completions"},
    {"exec", verb_exec, KEEPER, "LANGUAGE FILE", "run one program in the sandbox on stdin"},
    {"show", verb_show, MPI, "FILE [list|prompt N]", "what is in any of our files, in words"},
    {"bench", verb_bench, MPI | KEEPER, "[TOPIC]",
     "speeds, each beside its limit measured in the same run"},
    {"help", verb_help, ALONE, "[VERB]", "this, or the deck keys that a verb reads"},
};
enum { VERBS = sizeof verbs / sizeof *verbs };

static void usage(text_t *out)
{
    text_add(out, "usage: aletheia VERB ARGUMENTS [section.key=value ...]\n\n");
    for (int i = 0; i < VERBS; i++)
        text_addf(out, "  %-9s %-20s %s\n", verbs[i].verb, verbs[i].arguments, verbs[i].meaning);
    text_add(
        out,
        "\n`aletheia help VERB` lists the deck keys of a verb, `aletheia help recipes` the recipes.\n"
        "In parallel: mpirun -n RANKS aletheia VERB ..., or srun under Slurm.\n"
        "Exit codes: 0 done, 2 usage or deck, 3 input data, 4 does not fit, 70 internal fault, "
        "75 saved: run me again\n");
}

int verb_help(call_t *c)
{
    text_t out = {0};
    const char *what = c->argc ? c->argv[0] : NULL;
    if (!what) {
        usage(&out);
    } else if (!strcmp(what, "reference")) {
        deck_reference(&out);
    } else if (!strcmp(what, "recipes")) {
        recipe_table(&out);
    } else {
        int found = !strcmp(what, "deck");
        text_t keys = {0};
        deck_help(&keys, found ? NULL : what);
        for (int i = 0; i < VERBS; i++)
            if (!strcmp(what, verbs[i].verb)) {
                text_addf(&out, "aletheia %s %s%s\n  %s\n", what, verbs[i].arguments,
                          keys.len ? " [section.key=value ...]" : "", verbs[i].meaning);
                if (verbs[i].run == verb_exec)
                    exec_help(&out);
                if (verbs[i].run == verb_grade)
                    grade_help(&out);
                if (verbs[i].run == verb_compare)
                    compare_help(&out);
                if (verbs[i].run == verb_score)
                    score_help(&out);
                found = 1;
            }
        if (!found)
            fail(CODE_USAGE, "no verb `%s`; `aletheia help` lists them", what);
        if (keys.len)
            text_addf(&out, "\nkeys (name, default, meaning, [type range unit]):\n%s", keys.s);
        text_reset(&keys);
    }
    fputs(out.s ? out.s : "", stdout);
    text_reset(&out);
    return CODE_DONE;
}

static int launchers_of_this_rank(void)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    sched_getaffinity(0, sizeof set, &set);
    int ranks = comm_local_size(), n = CPU_COUNT(&set) / (ranks > 0 ? ranks : 1);
    return n < 1 ? 1 : n;
}

/* Where standard streams are closed, the first files opened would take their place. */
static void open_streams(void)
{
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd ? O_WRONLY : O_RDONLY) < 0)
            fail(CODE_FAULT, "/dev/null cannot be opened");
}

static int find_verb(int argc, char **argv)
{
    int v = 0;
    text_t text = {0};
    usage(&text);
    if (argc < 2)
        fail(CODE_USAGE, "%s", text.s);
    text_reset(&text);
    while (v < VERBS && strcmp(argv[1], verbs[v].verb))
        v++;
    if (v == VERBS)
        fail(CODE_USAGE, "no verb `%s`; `aletheia help` lists them", argv[1]);
    return v;
}

static int is_help(const char *s)
{
    return !strcmp(s, "--help") || !strcmp(s, "-h");
}

int main(int argc, char **argv)
{
    open_streams();
    comm_prepare();
    if (argc == 3 && is_help(argv[2])) { /* of a verb */
        argv[2] = argv[1];
        argv[1] = "help";
    }
    if (argc > 1 && is_help(argv[1]))
        argv[1] = "help";
    if (argc > 1 && !strcmp(argv[1], "--version"))
        return puts("aletheia " ALETHEIA_VERSION) < 0;
    int v = find_verb(argc, argv), needs = verbs[v].needs;
    call_t call = {.argc = argc - 2, .argv = argv + 2};
    if (argc > 2 && !strcmp(argv[2], "--doctor")) /* also where MPI does not start */
        needs = KEEPER;
    if (needs & DECK && call.argc < 1)
        fail(CODE_USAGE, "usage: aletheia %s DECK [section.key=value ...]", verbs[v].verb);
    if (needs & DECK)
        call.deck = deck_open(call.argv[0], call.argc - 1, call.argv + 1);
    if (needs & KEEPER)
        call.keeper = keeper_start(launchers_of_this_rank());
    fail_on_signals();
    if (needs & MPI)
        comm_init(&argc, &argv);
    int code = verbs[v].run(&call);
    deck_free(call.deck);
    if (call.keeper)
        keeper_stop(call.keeper);
    return comm_end(code);
}
