/* Floor 10: verbs.  main.c is a table; each verb_*.c reads a deck, builds, loops, reports. */
#pragma once
#include "eval.h"

typedef struct {                     /* what main hands to a verb */
    keeper_t *keeper;                /* started before MPI; NULL if the verb needs none */
    int    argc;                     /* arguments after the verb */
    char **argv;
    deck_t *deck;                    /* of argv[0] and the overrides, where the first argument is a deck; main's */
} call_t;

/* A verb returns an exit code.  collective(world) */
int verb_train(call_t *c);    int verb_sft(call_t *c);      int verb_eval(call_t *c);
int verb_problems(call_t *c); int verb_grade(call_t *c);    int verb_init(call_t *c);
int verb_export(call_t *c);   int verb_sample(call_t *c);   int verb_score(call_t *c);
int verb_exec(call_t *c);     int verb_show(call_t *c);     int verb_bench(call_t *c);
int verb_help(call_t *c);     int verb_plan(call_t *c);     int verb_import(call_t *c);
int verb_collect(call_t *c);  int verb_select(call_t *c);  int verb_compare(call_t *c);

/* load.c - a model by any of its names: a Hugging Face directory, a run directory (its newest checkpoint),
   or a checkpoint file.  The tokenizer of a run is that of the model it started from.  collective(g) */
typedef struct {
    model_t     *model;
    tokenizer_t *tokenizer;
    char        *from;               /* directory of config.json and tokenizer files */
    deck_t      *deck;               /* of the checkpoint's run; NULL for a model directory */
    int64_t      step;               /* -1 for a model directory */
} loaded_t;
/* Held on the deck's backend in the deck's type (auto: of the weights, or of the checkpoint's run); whole: as float32,
   always. */
loaded_t load_model(group_t *g, const char *path, const deck_t *d, int whole);
/* The same; what want asks of a model directory (its deck counts always, its dir is path) is looked at first. */
loaded_t load_asked(group_t *g, const char *path, const ready_want_t *want, int whole);
void     load_free(loaded_t *l);

/* verb_eval.c - pieces that training's own evaluations share */
/* the [eval] section; template and stop tokens are the caller's */
asking_t asking_read(const deck_t *d, const char *mode);
const char *asked_path(const deck_t *d);                             /* eval.model, else model.dir; the deck's */
ready_want_t eval_want(const deck_t *d, const char *dir);            /* what an evaluation asks of a model directory */
/* As the model was asked in its run, where the deck leaves [prompt] open; the deck's then.  The caller's. */
template_t *asked_template(deck_t *d, const loaded_t *l);
int      suites_read(const char *text, suite_t *suite); /* "heldout,strong" -> suite[up to SUITES]; how many */
/* Model, tokenizer, template, engines of the asker, whose bank and stop are the caller's; *o is completed.  The
   template is the caller's, as the engines are.  collective(g) */
template_t *asker_open(asker_t *a, asking_t *o, deck_t *d, const loaded_t *l, group_t *g);
/* CODE_DATA where lists of these suites have imported labels and the deck does not allow that.  collective(g) */
void     asked_labels(group_t *g, const deck_t *d, const bank_t *b, const suite_t *suite, int n);
/* eval_report.c: tables, RESULT lines, and dir/<suite>.h5 unless dir is NULL; all say where lists have imported labels.
   unedited (may be NULL): answers to the lists that the suite's lists edited.  collective(g) */
void     eval_report(group_t *g, const asker_t *a, const asked_t *r, suite_t suite, const asked_t *unedited,
                     const char *dir, const deck_t *d);

/* verb_collect.c */
typedef struct {                     /* by this job */
    int64_t lists, left_out, answers, right, parsed, tokens;
    double  generate_s, score_s, seconds;            /* sampling; the second forward, at temperature 1; all of it */
    double  flops;
} collected_t;
/* Without the tokens that end an answer. */
sampler_t    collect_sampler(const deck_t *d, const model_config_t *m);
ready_want_t collect_want(const deck_t *d, const char *dir);         /* what it asks of a model directory */
/* What [collect] asks for, into collect.out; 1: stopped before.  d: what it leaves open is decided.  collective(g) */
int      collect_run(deck_t *d, group_t *g, collected_t *out);

/* collect_parts.c - a collection's parts, OUT.parts/part-*.h5, and the file that they become */
typedef struct {
    const char *out;                 /* the file that is to be made */
    char   *folder, *deck;           /* OUT.parts; the effective deck */
    origin_t origin;
    hash_t  of;                      /* of all that decides what is collected */
    int     parts;
} collection_t;
/* Makes the folder; CODE_USAGE where out is there already.  1: out is this collection, whole, of a job that was killed
   before it took the parts away, which is done now.  collective(g) */
int      collection_open(collection_t *c, group_t *g);
/* The part is there.  CODE_USAGE, CODE_DATA: of another collection, damaged.  collective(g) */
int      collection_has(const collection_t *c, group_t *g, int part);
/* logp_one[rows of this rank], each may be NULL; flops, seconds: what this rank spent on them.  collective(g) */
void     collection_put(const collection_t *c, group_t *g, int part, const judged_list_t *judged,
                        float *const *logp_one, double flops, double seconds);
/* All parts as one file, rows in order of list and sample whoever made them, and what they cost together (flops, and
   core_s: ranks times seconds); the parts go.  How many rows; where there are none, no file is made.  collective(g) */
int64_t  collection_end(collection_t *c, group_t *g);
void     collection_reset(collection_t *c);

/* bench_busy.c: generation by all cores alone and beside a process that spins */
void     bench_busy(const model_config_t *c, const ops_t *ops);

/* bench_model.c: DIR [TYPE] */
void     bench_model(char **argv, int argc);

/* bench_recipes.c, bench_recipes_say.c, bench_pairs.c: DECK [section.key=value ...].  collective(world) */
void     bench_recipes(char **argv, int argc);

/* bench_eval.c: the same arguments.  local */
void     bench_eval(char **argv, int argc);

/* verb_exec.c, exec_work.c, exec_line.c */
void     exec_help(text_t *out);                     /* its options, its answer and its exit codes */
void     exec_quote(text_t *out, const char *s, size_t n);          /* any bytes as a JSON string in ASCII */
/* One line of JSON; unit: of first_difference; checked: by a program; note: "", or what to say beside it; message: for
   compile errors and faults, any bytes. */
void     exec_line(text_t *out, const outcome_t *o, const char *unit, const char *mode, int checked,
                   const char *note, const char *message);

/* verb_grade.c */
void     grade_help(text_t *out);                    /* problems as JSON lines, the report, what ends it */

/* verb_compare.c */
void     compare_help(text_t *out);                  /* its options, what is compared, and what the table says */

/* verb_score.c */
void     score_help(text_t *out);                    /* what a line is, and what stands before its prompt */

/* execute.c - what verbs that execute a bank share */
char    *execute_beside(const char *path, const char *ending);       /* PATH.ENDING, new */
/* A store of verdicts with that journal, and with what sandbox.verdicts names; g uses it.  NULL on a grader.
   collective(world) */
known_t *execute_store(const deck_t *d, grading_t *g, const char *journal);
/* grading_bank_watched with progress on rank 0; stops when this process is asked to.  left, skip_bad: grading_watch_t.
   collective(world) */
grading_made_t execute_bank(const deck_t *d, grading_t *g, group_t *world, bank_t *b, bank_bads_t *left, int skip_bad);
/* Tests that are calls, looked at by this rank's sandbox: why[i] NULL, or what is wrong with text[i] (owned).  Where it
   cannot run anything all are NULL, with a warning.  local */
void     execute_calls(keeper_t *k, const char *const *text, int n, char **why);
/* What failed on our side (of runs made) and what a checker or test failed at (of verdicts): says so, and whether
   either share is above the rate.  One rank. */
int      execute_faults(double rate, int64_t faults, int64_t runs, const char *why, int64_t checker_faults,
                        int64_t verdicts);
/* The exit code of a verb that is done: CODE_FAULT with one message where `broken` on the first rank.
   collective(world) */
int      execute_ends(group_t *world, int broken);
/* Keeps the lists that execution bears out; how many it did not, each told to say (NULL: the first three to the log).
   local */
int      execute_drop_lists(bank_t *b, void (*say)(void *ctx, int list, const char *why), void *ctx);

/* verb_train.c - the frame that sft and train share: prolog, loop, epilog.  collective(world) */
int      verb_run(call_t *c, run_kind_t kind);

/* suites.c - lists of every suite that the [problems] section names, from executed programs, checked one by one */
typedef struct {
    int      able;                   /* problems whose programs allow a list of 5 in the suite hard */
    edits_t  adv;                    /* what came of edits of comments, and what their execution did */
    grading_made_t made;             /* stopped: the bank has no lists then */
} made_lists_t;
/* g NULL: nothing can be executed, and adv is not made.  collective(world) where adv is asked for, else local */
made_lists_t problems_make_lists(bank_t *b, const deck_t *d, grading_t *g, group_t *world);
/* CODE_USAGE: adv is asked for and cannot be made of b's held-out problems.  Before these are executed.  local */
void     suites_check(const deck_t *d, const bank_t *b);
void     suites_say_limits(const deck_t *d);         /* which lists the deck's numbers cannot give */
