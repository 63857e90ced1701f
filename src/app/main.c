/* aletheia VERB ... : a table of verbs.

   Order matters.  The sandbox's keeper is a fork of this process, so it starts before MPI and any
   thread exist.  Until MPI has told the rank, the launcher's environment does (mpirun, srun), so
   that of many ranks with the same bad command line only one speaks.  A verb that measures
   nothing in parallel runs without MPI at all. */
#include "app.h"
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

enum { ALONE = 0, MPI = 1, KEEPER = 2 }; /* what a verb needs before it starts */

static const struct {
    const char *verb;
    int (*run)(call_t *c);
    int needs;
    const char *arguments, *meaning;
} verbs[] = {
    {"problems", verb_problems, MPI | KEEPER, "DECK",
     "draw fresh problems, execute their programs, make lists"},
    {"grade", verb_grade, MPI | KEEPER, "DECK",
     "execute what is not executed yet in a problem file"},
    {"import", verb_import, MPI | KEEPER, "DECK",
     "lists and problems of others (JSON lines) as a problem file"},
    {"init", verb_init, MPI, "DECK", "make a random model directory"},
    {"plan", verb_plan, MPI, "DECK|DIR",
     "whether a model can be used, memory and files, before anything is loaded"},
    {"sft", verb_sft, MPI, "DECK", "train on written answers (warm start)"},
    {"train", verb_train, MPI | KEEPER, "DECK",
     "train by reinforcement learning with verifiable rewards"},
    {"eval", verb_eval, MPI, "DECK", "list accuracy per suite, with intervals"},
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

static void usage(FILE *to)
{
    fprintf(to, "usage: aletheia VERB ARGUMENTS [section.key=value ...]\n\n");
    for (int i = 0; i < VERBS; i++)
        fprintf(to, "  %-9s %-20s %s\n", verbs[i].verb, verbs[i].arguments, verbs[i].meaning);
    fprintf(to,
            "\nIn parallel: mpirun -n RANKS aletheia VERB ..., or srun under Slurm.\n"
            "Exit codes: 0 done, 2 usage or deck, 3 input data, 4 does not fit, 70 internal fault, "
            "75 saved: run me again\n");
}

int verb_help(call_t *c)
{
    text_t out = {0};
    const char *what = c->argc ? c->argv[0] : NULL;
    if (!what) {
        usage(stdout);
    } else if (!strcmp(what, "reference")) {
        deck_reference(&out);
    } else {
        int found = !strcmp(what, "deck");
        for (int i = 0; i < VERBS; i++)
            if (!strcmp(what, verbs[i].verb)) {
                text_addf(&out, "aletheia %s %s [section.key=value ...]\n  %s\n", what,
                          verbs[i].arguments, verbs[i].meaning);
                if (verbs[i].run == verb_exec)
                    exec_help(&out);
                if (verbs[i].run == verb_grade)
                    grade_help(&out);
                if (verbs[i].run == verb_score)
                    score_help(&out);
                found = 1;
            }
        if (!found)
            fail(CODE_USAGE, "no verb `%s`; `aletheia help` lists them", what);
        text_add(&out, "\nkeys (name, default, meaning, [type range unit]):\n");
        deck_help(&out, !strcmp(what, "deck") ? NULL : what);
    }
    fputs(out.s ? out.s : "", stdout);
    text_reset(&out);
    return CODE_DONE;
}

/* A number that the launcher put into the environment, or `otherwise`. */
static int from_launcher(const char *const *names, int otherwise)
{
    for (; *names; names++)
        if (getenv(*names))
            return atoi(getenv(*names));
    return otherwise;
}

static int launchers_of_this_rank(void)
{
    static const char *const local[] = {"OMPI_COMM_WORLD_LOCAL_SIZE", "SLURM_NTASKS_PER_NODE",
                                        NULL};
    cpu_set_t set;
    CPU_ZERO(&set);
    sched_getaffinity(0, sizeof set, &set);
    int ranks = from_launcher(local, 1), n = CPU_COUNT(&set) / (ranks > 0 ? ranks : 1);
    return n < 1 ? 1 : n;
}

/* Where standard streams are closed, the first files opened would take their place. */
static void open_streams(void)
{
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd ? O_WRONLY : O_RDONLY) < 0)
            fail(CODE_FAULT, "/dev/null cannot be opened");
}

int main(int argc, char **argv)
{
    open_streams();
    static const char *const rank[] = {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "SLURM_PROCID", NULL};
    fail_set_rank(from_launcher(rank, 0));
    log_set_rank(from_launcher(rank, 0));
    if (argc < 2) {
        usage(stderr);
        return CODE_USAGE;
    }
    int v = 0;
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
        argv[1] = "help";
    if (!strcmp(argv[1], "--version"))
        return puts("aletheia " ALETHEIA_VERSION) < 0;
    while (v < VERBS && strcmp(argv[1], verbs[v].verb))
        v++;
    if (v == VERBS)
        fail(CODE_USAGE, "no verb `%s`; `aletheia help` lists them", argv[1]);

    call_t call = {.argc = argc - 2, .argv = argv + 2};
    if (verbs[v].needs & KEEPER)
        call.keeper = keeper_start(launchers_of_this_rank());
    int doctor = argc > 2 && !strcmp(argv[2], "--doctor"); /* also where MPI does not start */
    if (verbs[v].needs & MPI && !doctor)
        comm_init(&argc, &argv);
    int code = verbs[v].run(&call);
    if (call.keeper)
        keeper_stop(call.keeper);
    comm_finish();
    return code;
}
