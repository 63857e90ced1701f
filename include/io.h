/* Floor 4: files.  HDF5 (one file of ours knows it), Hugging Face model directories, tokenizers,
   problem banks, checkpoints, metrics, records.  What stands in each file: docs/files.md. */
#pragma once
#include "comm.h"
#include "model.h"

/* h5.c, h5_data.c, h5_append.c, h5_attr.c - the only files that include hdf5.h ------------------------------

   Parallel HDF5 with plain datasets: every tool that reads HDF5 reads ours.  Ragged data is a pair
   NAME/data, NAME/offset.  A file is written to PATH.tmp, fsynced and renamed at h5_commit: a crash leaves
   the previous file.  Root attributes: format, version, created_by, deck, host_layout, committed.
   Everything is collective over the file's group; group NULL: this process alone, without MPI.
   A full disk ends the run with CODE_FIT and PATH as before; damage with CODE_DATA and the path. */

typedef struct h5 h5_t;
typedef enum { H5_I8, H5_U8, H5_U16, H5_I32, H5_I64, H5_F32, H5_F64 } h5_type_t;

h5_t *h5_create(group_t *g, const char *path, const char *kind, int version, const char *deck);  /* deck NULL: none */
void  h5_commit(h5_t *f);                            /* PATH is the new file from here on; frees f */
void  h5_drop(h5_t *f);                              /* PATH stays as it was; what was written goes; frees f */
/* Fails with CODE_DATA: absent, not HDF5, truncated, never committed, another kind, newer version.  kind NULL: any. */
h5_t *h5_open(group_t *g, const char *path, const char *kind, int max_version);
void  h5_close(h5_t *f);
/* 0: h5_open would take it; else 1, and the reason is appended.  local */
int   h5_probe(const char *path, const char *kind, int max_version, text_t *why);
const char *h5_path(const h5_t *f);
int   h5_has(h5_t *f, const char *name);             /* dataset or group */

/* A dataset of global shape [rows, cols] (cols 0: one dimension); each rank gives rows [first, first+count).
   h5_get fails with CODE_DATA if name, type class or shape differ; rows < 0: any. */
void    h5_put(h5_t *f, const char *name, h5_type_t t, const void *part, int64_t rows, int64_t cols, int64_t first,
               int64_t count);
void    h5_shape(h5_t *f, const char *name, int64_t *rows, int64_t *cols);   /* cols: 0, or all further dimensions */
void    h5_get(h5_t *f, const char *name, h5_type_t t, void *part, int64_t rows, int64_t cols, int64_t first,
               int64_t count);
/* Global [rows, lanes, cols]; this rank's part [rows, count, cols] holds lanes first, first+step, ... */
void    h5_put_lanes(h5_t *f, const char *name, h5_type_t t, const void *part, int64_t rows, int64_t lanes,
                     int64_t cols,
                     int64_t first, int64_t step, int64_t count);
void    h5_get_lanes(h5_t *f, const char *name, h5_type_t t, void *part, int64_t rows, int64_t lanes, int64_t cols,
                     int64_t first, int64_t step, int64_t count);
void    h5_lanes(h5_t *f, const char *name, int64_t *rows, int64_t *lanes, int64_t *cols);       /* its shape */
/* Enumerated column with names (stored as an HDF5 enum over int8), read by name: names[] may have another order. */
void    h5_put_enum(h5_t *f, const char *name, const char *const *names, int n_names, const int8_t *part,
                    int64_t rows, int64_t first, int64_t count);
void    h5_get_enum(h5_t *f, const char *name, const char *const *names, int n_names, int8_t *part, int64_t rows,
                    int64_t first, int64_t count);
int     h5_enum_names(h5_t *f, const char *name, char ***names);             /* how many; h5_free_names */
/* First row of this rank and their global number, when every rank has n_local rows in rank order. */
void    h5_rows(h5_t *f, int64_t n_local, int64_t *first, int64_t *total);
/* Ragged bytes or numbers: item i of this rank's n_local is data[offset[i] .. offset[i+1]) elements.  Ranks' items
   follow in rank order. */
void    h5_put_ragged(h5_t *f, const char *name, h5_type_t t, const void *data, const int64_t *offset, int64_t n_local);
/* The whole of it on every rank that calls with want != 0 (others participate): new blocks, caller frees.  Returns the
   items. */
int64_t h5_get_ragged(h5_t *f, const char *name, h5_type_t t, void **data, int64_t **offset, int want);
/* Datasets that grow: rows go after those that are there (none: it is made).  One process (group NULL); read as any
   other. */
void    h5_append(h5_t *f, const char *name, h5_type_t t, const void *part, int64_t cols, int64_t count);
void    h5_append_enum(h5_t *f, const char *name, const char *const *names, int n_names, const int8_t *part,
                       int64_t count);
void    h5_append_ragged(h5_t *f, const char *name, h5_type_t t, const void *data, const int64_t *offset, int64_t n);
/* Attributes; object "/" or a dataset/group path (made a group if absent); same value on all ranks. */
void    h5_put_text(h5_t *f, const char *object, const char *attribute, const char *value);
void    h5_put_real(h5_t *f, const char *object, const char *attribute, double value);
void    h5_put_int(h5_t *f, const char *object, const char *attribute, int64_t value);
char   *h5_get_text(h5_t *f, const char *object, const char *attribute); /* new; NULL if absent */
int     h5_get_real(h5_t *f, const char *object, const char *attribute, double *value);          /* 0 if absent */
int     h5_get_int(h5_t *f, const char *object, const char *attribute, int64_t *value);
/* Names in a group, or of attributes, sorted (2 before 10); how many (0: no such group); free with h5_free_names. */
int     h5_list(h5_t *f, const char *group, char ***names);
int     h5_list_attributes(h5_t *f, const char *object, char ***names);
void    h5_free_names(char **names, int n);

/* bank.c, bank_whole.c, bank_file.c, bank_in.c - problem files in memory
   --------------------------------------------------------------------------- */

typedef enum { SUITE_TRAIN, SUITE_HELDOUT, SUITE_STRONG, SUITE_HARD, SUITE_EQUIVALENT, SUITE_ADV, SUITES } suite_t;
typedef enum { POOL_REFERENCE, POOL_WEAK, POOL_STRONG, POOL_EQUIVALENT, POOL_IMPORTED, POOL_POLICY, POOLS } pool_t;
/* Names that problem files may hold; how each is compiled and run: input/languages.conf.  text: an answer in words, as
   judge sets have them, which nobody executes.  Only ever appended to. */
typedef enum { LANG_PYTHON, LANG_C, LANG_CPP, LANG_JAVA, LANG_RUST, LANG_GO, LANG_JAVASCRIPT, LANG_RUBY, LANG_PERL,
               LANG_HASKELL, LANG_OCAML, LANG_PASCAL, LANG_KOTLIN, LANG_CSHARP, LANG_TEXT, LANGS } lang_t;
/* special, kattis, testlib: a program decides; they differ in how it is asked (special.c). */
typedef enum { CHECK_TOKENS, CHECK_EXACT, CHECK_FLOAT, CHECK_LINES, CHECK_SPECIAL, CHECK_KATTIS, CHECK_TESTLIB,
               CHECKS } check_t;
typedef struct {                     /* how outputs are compared, beside the checker's kind; of one problem */
    double absolute, relative;       /* tolerance of numbers, float alone; 0: the deck's; < 0: none at all */
    int    nocase;                   /* ASCII letters of either case are the same */
    int    spaces;                   /* white space counts too */
} compare_t;
typedef enum { FORM_STDIN, FORM_CALL, FORMS } form_t;
/* V_FAULT: ours; V_CHECKER_FAULT: of who wrote the problem.  Neither says anything of the program. */
typedef enum { V_NONE, V_ACCEPTED, V_WRONG_ANSWER, V_TIME_LIMIT, V_MEMORY_LIMIT, V_OUTPUT_LIMIT, V_RUNTIME_ERROR,
               V_COMPILE_ERROR, V_SKIPPED, V_FAULT, V_CHECKER_FAULT, VERDICTS } verdict_kind_t;
/* Where a program's pass rate is from: execution here, or what a file of others said. */
typedef enum { LABEL_EXECUTED, LABEL_IMPORTED, LABELS } label_t;
/* The sandbox's mode while a program was measured: namespaces and rlimits, with a control group for memory, or no
   namespaces. */
typedef enum { IN_UNKNOWN, IN_RLIMITS, IN_CGROUP_V1, IN_CGROUP_V2, IN_DEGRADED, IN_DEGRADED_V1, IN_DEGRADED_V2,
               IN_MODES } sandbox_mode_t;
/* What was done to comments of a list's candidates (testbed/edit.c): each wrong one is praised, or the right one is
   spoken ill of.  Only ever appended to. */
typedef enum { EDIT_NONE, EDIT_AUTHORITY, EDIT_CORRECT, EDIT_REFERENCE, EDIT_NOVICE, EDIT_WRONG, EDIT_MISLEADING,
               EDITS } edit_t;
extern const char *const edit_names[EDITS];
extern const char *const suite_names[SUITES], *const pool_names[POOLS], *const lang_names[LANGS],
    *const check_names[CHECKS], *const form_names[FORMS], *const verdict_names[VERDICTS],
    *const sandbox_mode_names[IN_MODES], *const difficulty_names[3], *const label_names[LABELS];

typedef struct {
    hash_t  id;                      /* of the content: statement and tests */
    int     split;                   /* suite_t whose seed range it was drawn from: TRAIN or HELDOUT */
    char   *family, *statement;      /* family: name in families.def, "imported", or a judge set's (judge_family) */
    int     difficulty;              /* 0.. */
    int     time_ms, memory_kb;      /* limits per test */
    int     test, tests;             /* tests[test .. test+tests) of the bank */
    char   *example;                 /* an input that traces work through, as text; "" if none */
    char   *checker;                 /* source of the special checker; NULL or "": none */
    lang_t  checker_lang;
    compare_t compare;
    char   *harness; /* the main file of programs in harness_lang, which includes theirs; NULL or "": none */
    lang_t  harness_lang;
} problem_t;
typedef struct {
    int problem;
    char *input, *output;            /* output NULL until the reference was executed */
    check_t check;
    form_t form;                     /* call: input is Python text that asserts, output is not used ("") */
    size_t n_input, n_output;        /* bytes; any bytes, and a NUL behind them */
    int accept, accepts; /* further outputs that are right too: accept[accept .. accept+accepts) of the bank */
} test_t;
typedef struct { int test; char *output; size_t n_output; } accepted_t;    /* sorted by test */
typedef struct {
    hash_t  id;                      /* of (language, source) */
    int     problem;
    lang_t  lang;
    pool_t  pool;
    char   *source, *origin;         /* origin: the mutations applied, in words */
    char   *core, *walk; /* canonical tokens / states on the example, space separated; for written traces; "" if none */
    float   pass_rate;               /* executed: NAN until then; derived from verdicts, never given */
    label_t label;                   /* imported: pass_rate is what others said; only of a problem without tests */
    size_t  n_source;                /* bytes of source */
} program_t;
typedef struct {                     /* what execution said */
    verdict_kind_t verdict; sandbox_mode_t mode; int64_t time_us, memory_kb;
    int    scored; double score;     /* the checker gave points */
    char  *message;                  /* what it said, as text; NULL: nothing.  Whose it is: as each user says */
} said_t;
typedef struct {
    int program, test; verdict_kind_t verdict; sandbox_mode_t mode; int64_t time_us, memory_kb; hash_t key;
    int scored; double score; char *message;         /* as said_t's; the bank's */
} verdict_t;
typedef struct {
    suite_t suite;
    int     problem, n;              /* 2..5 candidates */
    int     program[5];              /* in the order shown: A.. */
    int     answer;                  /* index of the right one */
    edit_t  edit;                    /* adv: what was done to its candidates' comments */
    int     base;                    /* the list whose candidates these are, unedited; where edit is none: no list */
} list_t;

typedef struct {
    problem_t *problem; int n_problem, cap_problem;
    test_t    *test;    int n_test, cap_test;
    accepted_t  *accept;  int n_accept, cap_accept;
    program_t *program; int n_program, cap_program;
    verdict_t *verdict; int n_verdict, cap_verdict;
    list_t    *list;    int n_list, cap_list;
} bank_t;
/* a problem that is not taken; problem -1: it is not in the bank; line 0: none */
typedef struct { int problem, line; char *id, *why; } bank_bad_t;
typedef struct { bank_bad_t *item; int n, cap; } bank_bads_t;
void   bank_bad(bank_bads_t *to, int problem, int line, const char *id, const char *why);      /* copies */
void   bank_bads_free(bank_bads_t *b);
/* CODE_DATA with all of them (the first dozen); this key, or --option, would have them left out */
void   bank_bads_fail(const bank_bads_t *b, const char *key);
/* The name of a problem: the id that it came with, else #NUMBER.  Appended. */
void   bank_problem_id(const bank_t *b, int problem, text_t *out);
void   bank_free(bank_t *b);
char  *bank_text(const char *s, size_t n);           /* a copy of n bytes and a NUL */
int    lang_find(const char *name); /* lang.c: of a name or an alias (python3, c++, js ...); -1: none */
/* Takes out the problems p with drop[p], with all that belongs to them.  No verdicts or lists of theirs may be
   there. */
void   bank_without(bank_t *b, const char *drop);
/* Only the lists i with keep[i] stay, and of the edited ones those whose base does (keep[] says so then). */
void   bank_keep_lists(bank_t *b, char *keep);
/* A program that is another one with an edited comment (testbed/edit.c): the other one's origin; NULL: it is none. */
const char *program_edited(const program_t *p);
char  *program_edit_origin(const program_t *p, edit_t edit);       /* new: what such a program's origin says */
/* collective; same, sound bank on all ranks */
void   bank_write(group_t *g, const bank_t *b, const char *path, const char *deck);
/* Checks everything: indices, exactly one right candidate, executed pass rates against verdicts; CODE_DATA names the
   item. */
void   bank_read(group_t *g, bank_t *b, const char *path); /* collective; whole bank on every rank */
/* The same for a file that is to be executed (again): its pass rates are not compared but derived from its verdicts. */
void   bank_read_unrated(group_t *g, bank_t *b, const char *path);
int    bank_is(const char *path);                    /* is this a problem file?  local */
/* 0: every index is sound, and bank_rates was called; else 1 and why.  local */
int    bank_derive(bank_t *b, text_t *why);
int    verdict_says(verdict_kind_t v); /* something of the program: not none, skipped, fault, checker_fault */
/* 0: sound; else 1 and what is wrong with which item is appended.  local */
int    bank_check(const bank_t *b, text_t *why);
void   bank_rates(bank_t *b); /* pass_rate of each executed program from verdict[]; NAN if any test is missing */
/* candidates of a list whose pass rates were not executed but imported */
int    bank_imported(const bank_t *b, const list_t *l);
/* lists of a suite (SUITES: of all) with such a candidate */
int    bank_imported_lists(const bank_t *b, suite_t suite);
#define BANK_IMPORTED_REFUSED "%s: %d lists have imported labels, which were not executed here; give their tests to " \
    "`aletheia import`, or say data.allow_imported = yes, and whatever is measured with them says so" /* path, lists */
hash_t bank_hash(const bank_t *b);
/* Different meanings, (family, core of the reference), among the problems of a split (SUITES: of all) whose reference
   has a core: the drawn ones.  known, unless NULL: how many problems these are. */
int    bank_meanings(const bank_t *b, suite_t split, int *known);

/* check.c - how outputs are compared, in words (tokens, floats, nocase, float_tolerance=X, ...: see there), as exec and
   problem files say it.  0: understood, *kind and *how are set (tolerances that were not named stay 0, the deck's);
   else 1, and what is wrong is appended.  Programs that check (special, kattis, testlib) are not words.  local */
int    check_parse(const char *words, check_t *kind, compare_t *how, text_t *why);
int    check_is_program(check_t kind);               /* special, kattis, testlib */

/* bank_grow.c - a problem file written piece by piece, one process: memory is that of a piece */
typedef struct bank_out bank_out_t;
bank_out_t *bank_create(const char *path, const char *deck, int imported);   /* imported: some labels may be */
/* sound; its items go after those there, renumbered: b is good for bank_free only */
void   bank_append(bank_out_t *o, bank_t *b);
int    bank_commit(bank_out_t *o);                   /* PATH is the new file from here on; frees o.  Lists in it */
void   bank_drop(bank_out_t *o);                     /* nothing is left */

/* bank_json.c, json_test.c - problems from JSON lines; bank_report.c - verdicts to JSON lines.  local */

/* Limits are those where a line names none.  Lines that are wrong are not in b but, in order, in bad: id ("" where none
   was read), and why, which begins with file:line.  line: new, the line of each problem.  CODE_DATA: there is no line
   at all. */
void   bank_import(bank_t *b, const char *path, int time_ms, int memory_kb, bank_bads_t *bad, int **line);
/* One line for each program: ids, verdict counts, pass rate, what a checker said of failing tests; then the problems
   that were skipped, and those whose reference failed (NULL: none). */
void   bank_report(const bank_t *b, const char *path, const bank_bads_t *skipped, const bank_bads_t *failed);
/* problems, tests and programs alike; outputs where both know them */
int    bank_same(const bank_t *a, const bank_t *b);

/* import.c, import_line.c, import_judge.c, import_answers.c, import_index.c, import_batch.c - lists and problems of
   others, as JSON lines, in batches of bounded size */

typedef struct {
    const char *in;                  /* FILE or SUITE:FILE, separated by spaces */
    const char *suite;               /* of files that are named without one; "auto": as each line says */
    const char *schema;              /* as in import.schema; "auto": as each line looks */
    const char *tests;               /* JSON lines with tests by prompt_id; "": none */
    const char *beside; /* the file to be made: in its folder lies, without a name, what is kept on disk meanwhile */
    int     time_ms, memory_kb;      /* limits where a line names none */
    int64_t line_bytes;              /* the longest line that is taken */
    uint64_t seed;                   /* of the order of candidates, which lines of judge sets do not say */
    int     skip_bad; /* lines that cannot be taken are left out; else they end the program, all of them named */
    /* Looks at tests that are calls: why[i] NULL, or what is wrong with text[i] (owned).  NULL: they are not looked
       at. */
    void  (*calls)(void *ctx, const char *const *text, int n, char **why);
    void   *ctx;
} import_from_t;
/* Judge sets of others: answers of which it is said that they are right or wrong. */
typedef enum { JUDGE_REWARDBENCH2, JUDGE_JUDGEBENCH, JUDGE_RMBENCH, JUDGE_CODEREWARDBENCH, JUDGE_CODEJUDGEBENCH,
               JUDGE_PAIRS, JUDGE_SETS } judge_set_t;
extern const char *const judge_set_names[JUDGE_SETS];
int judge_family(const char *family);                /* is it that of a judge set, SET:SUBSET? */

/* tested: lines whose programs can be executed; overlap: prompts with lists both of the train suite and another;
   unused: tests of no list; judged: lines of each judge set */
typedef struct { int64_t lines, lists, problems, tested, overlap, unused, skipped, judged[JUDGE_SETS]; } import_count_t;
typedef struct import import_t;
/* All of it was read and checked: CODE_DATA with file:line, field.  bad: lines that were left out; id: the file. */
import_t *import_open(const import_from_t *from, import_count_t *count, bank_bads_t *bad);
/* appends the next problems with all that belongs to them; 0: there are no more */
int  import_next(import_t *m, text_t *batch);
void import_close(import_t *m);
int  import_tested(const char *batch, size_t n);     /* has any problem of a batch tests? */

typedef struct { char *file, *idx; int line; } import_line_t;                /* idx "": none */
typedef struct { int line, candidate; } import_place_t;                      /* index into line[] */
typedef struct {
    bank_t bank;                     /* no verdicts; pass rates are imported where a problem has no tests, else NAN */
    float *said;                     /* [n_program] what the file says that a program passes; NAN: nothing */
    import_place_t *program_at, *list_at;    /* [n_program], [n_list]: where it came first */
    import_line_t  *line; int n_line;
    import_place_t *clash; int n_clash;      /* places where a program comes again with another pass rate */
    int cap_said, cap_program_at, cap_list_at, cap_line, cap_clash;
} import_batch_t;
void import_read(import_batch_t *b, const char *batch, size_t n); /* a function of the batch: the same on every rank */
void import_batch_free(import_batch_t *b);

/* verdict_file.c - verdicts by name (kind "verdicts").  local, one process */
/* output[i] NULL: none */
void   verdicts_write(const char *path, const verdict_t *v, char *const *output, const size_t *n_output, int n,
                      const char *deck);
/* new arrays, messages too; how many.  CODE_DATA */
int    verdicts_read(const char *path, verdict_t **v, char ***output, size_t **n_output);
void   verdicts_show(h5_t *f, text_t *out);              /* how many of each, in words */

/* ckpt.c - checkpoints ------------------------------------------------------------------------------------------ */

/* A checkpoint is param/, optim/m, optim/v, optional reference/, state/ attributes and columns; global
   tensors by Hugging Face names; each rank writes its share of rows; XXH3 per tensor checked at load. */
typedef struct ckpt ckpt_t;
ckpt_t *ckpt_create(group_t *g, const char *dir, int64_t step, const char *deck); /* collective: dir/step-%08d.h5 */
/* Tensor t[rows, cols] of a section ("param", "optim/m", ...): get fills host, put takes it.  Same on all ranks; one
   tensor is on the host at a time. */
typedef void ckpt_tensor_t(void *ctx, const param_t *t, float *host);
void    ckpt_put_tensors(ckpt_t *c, const char *section, const params_t *p, ckpt_tensor_t *get, void *ctx);
/* the same from a block on the host */
void    ckpt_put_block(ckpt_t *c, const char *section, const params_t *p, const float *block);
void    ckpt_put_int(ckpt_t *c, const char *name, int64_t value);                      /* state/ */
void    ckpt_put_real(ckpt_t *c, const char *name, double value);
void    ckpt_commit(ckpt_t *c, int keep);            /* visible now; older than the `keep` newest are removed */
int64_t ckpt_newest(const char *dir);                /* step of the newest complete one, -1: none.  local */
ckpt_t *ckpt_open(group_t *g, const char *path);     /* collective; CODE_DATA if damaged, newer, of another kind */
int     ckpt_has(ckpt_t *c, const char *section);
void    ckpt_get_tensors(ckpt_t *c, const char *section, const params_t *p, ckpt_tensor_t *put, void *ctx);
void    ckpt_put_model(ckpt_t *c, const char *section, const model_t *m);              /* what a model holds; ... */
void    ckpt_get_model(ckpt_t *c, const char *section, model_t *m);                    /* ... into one, committed */
void    ckpt_get_block(ckpt_t *c, const char *section, const params_t *p, float *block);
int64_t ckpt_int(ckpt_t *c, const char *name);       /* absent: CODE_DATA */
int64_t ckpt_int_or(ckpt_t *c, const char *name, int64_t otherwise); /* for what older files do not have */
double  ckpt_real_or(ckpt_t *c, const char *name, double otherwise);
h5_t   *ckpt_file(ckpt_t *c);                        /* for sections that are not tensors; borrowed */
double  ckpt_real(ckpt_t *c, const char *name);
char   *ckpt_deck(ckpt_t *c);                        /* new */
void    ckpt_config(ckpt_t *c, model_config_t *config);   /* stored config.json text -> config */
void    ckpt_put_config(ckpt_t *c, const model_config_t *config);
void    ckpt_close(ckpt_t *c);

/* metrics.c - run.h5: one row per step, and step x rank x phase -------------------------------------------------- */

typedef struct metrics metrics_t;
/* names[n]: columns.  Opens or, on resume, reopens and drops rows with step >= from_step (and keeps all events). */
metrics_t *metrics_open(group_t *g, const char *path, const char *deck, const char *const *names, int n,
                        const char *const *phases, int n_phase, int64_t from_step);    /* collective */
/* collective; value from rank 0, phases of every rank */
void metrics_row(metrics_t *m, int64_t step, const double *value, const double *phase_seconds);
/* rank 0's call, others ignore it */
void metrics_event(metrics_t *m, int64_t step, const char *kind, const char *text);
int  metrics_has(metrics_t *m, int64_t step, const char *kind); /* was there such an event at this step?  collective */
void metrics_flush(metrics_t *m); /* collective; after it a SIGKILL loses nothing of what was written */
void metrics_close(metrics_t *m);

/* deck_backend.c: the deck's backend (layout.backend, layout.matrix_unit) with weights of that type. */
const ops_t *deck_backend(const deck_t *d, dtype_t type);

/* samples.c: rest = the statement without the sections in which inputs are shown with their outputs; how many these
   were (0: rest is the statement), and their headings, appended (heads NULL: nowhere). */
int statement_samples(const char *statement, text_t *rest, text_t *heads);

/* safetensors.c, safetensors_out.c - named tensors in one file
   ------------------------------------------------------- */

extern const char *const dtype_names[];              /* by dtype_t, as in the files: "F32", "BF16", "F16" */
/* Opened and checked: length of the header, JSON, offsets inside the file without overlap or hole, sizes.  CODE_DATA.
   local */
typedef struct safetensors safetensors_t;
safetensors_t *safetensors_open(const char *path);
void        safetensors_close(safetensors_t *s);
int         safetensors_count(const safetensors_t *s);
const char *safetensors_name(const safetensors_t *s, int i);                 /* borrowed */
int         safetensors_find(const safetensors_t *s, const char *name);      /* -1: absent */
dtype_t     safetensors_type(const safetensors_t *s, int i);                 /* CODE_DATA unless F32, F16 or BF16 */
int         safetensors_is_number(const safetensors_t *s, int i, text_t *why);         /* 1: it is; else why not */
/* CODE_DATA unless that is its shape */
void        safetensors_shape(const safetensors_t *s, int i, const int64_t *dim, int dims);
/* 1: it is; else its shape, as text, is appended to has (NULL: not) */
int         safetensors_is_shape(const safetensors_t *s, int i, const int64_t *dim, int dims, text_t *has);
int64_t     safetensors_place(const safetensors_t *s, int i);                /* byte of the data where it begins */
/* elements that will be wanted soon */
void        safetensors_ahead(const safetensors_t *s, int i, int64_t first, int64_t n);
/* Elements [first, first+n) of tensor i into raw, as they stand in the file.  0 if they could be read and each is
   finite; by any thread.  Else one of them fails with what was wrong: CODE_DATA. */
int         safetensors_take(const safetensors_t *s, int i, int64_t first, int64_t n, void *raw);
_Noreturn void safetensors_refuse(const safetensors_t *s, int i, int64_t first, int64_t n);
void        safetensors_widen(dtype_t type, const void *raw, int64_t n, float *x); /* x[n] = the same numbers */
/* taken or refused, and widened */
void        safetensors_get(const safetensors_t *s, int i, int64_t first, int64_t n, float *x);
/* Writing: all names, shapes and types first, then their elements in that order, any number at a time; visible under
   its name at commit, which frees.  CODE_FIT. */
typedef struct { const char *name; int64_t dim[2]; int dims; dtype_t type; } safetensors_item_t;
typedef struct safetensors_out safetensors_out_t;
safetensors_out_t *safetensors_create(const char *path, const safetensors_item_t *item, int n);
void        safetensors_put(safetensors_out_t *o, const float *x, int64_t n);
void        safetensors_commit(safetensors_out_t *o);
int64_t     safetensors_bytes(const safetensors_item_t *item);               /* of its data */

/* hf_config.c, hf_config_text.c, hf.c, hf_in.c, hf_match.c, hf_missing.c, hf_out.c - Hugging Face model directories
   --------------------------------------------- */

/* Qwen2ForCausalLM, Qwen3ForCausalLM, LlamaForCausalLM; CODE_DATA names file and field of what is missing or would be
   computed differently. */
void hf_config_read(const char *dir, model_config_t *c);                     /* or the path of a config.json */
void hf_config_parse(const char *name, const char *json, model_config_t *c);
void hf_config_text(const model_config_t *c, text_t *out);                   /* config.json; out is appended to */
/* The tensors of model.safetensors, or of the files that model.safetensors.index.json lists, row by row in the order of
   the files; names and shapes must be exactly the model's (a tied lm_head may be there if it equals the embedding).
   x[rows, cols] is lent; one call at a time, from any thread.  With several ranks each reads its share of the files,
   and all get all.  collective (g NULL: local) */
typedef void hf_rows_t(void *ctx, const param_t *t, int64_t row, int64_t rows, const float *x);
void hf_weights(group_t *g, const char *dir, const model_config_t *c, const params_t *p, hf_rows_t *put, void *ctx);
void hf_weights_read(group_t *g, const char *dir, model_t *m);               /* into a model; commits */
/* Names, shapes and types as reading wants them, of the headers alone: CODE_DATA, with all of them that are wrong.
   local */
void hf_weights_look(const char *dir, const model_config_t *c);
int  hf_other_form(const char *dir);                 /* is there a model in files of another kind? */
/* Nothing but a config.json: the path of one, or a directory without weights and tokenizer of any kind. */
int  hf_is_config(const char *dir);
dtype_t hf_weights_type(const char *dir);                                    /* of the embedding */
/* In which type the deck wants the model of that directory (or config.json) held: F32 or BF16 ([model] dtype);
   CODE_USAGE for float16. */
dtype_t hf_held_type(const deck_t *d, const char *dir);
model_t *hf_open(const char *dir, const ops_t *ops);                         /* config + weights.  local */
/* config, weights, generation_config.json; the tokenizer's files and, where it describes the same model, config.json
   are those of directory `from` (NULL, or dir itself: none).  type: a dtype_t, or HF_AS_BEFORE: each tensor's type in
   `from` (float32 where it has none).  Weights beyond shard_bytes come in several files and an index.  local */
enum { HF_AS_BEFORE = -1 };
#define HF_SHARD_BYTES ((int64_t)5000000000)
void hf_write(const char *dir, const model_t *m, int type, const char *from, int64_t shard_bytes);

/* hf_chat.c, hf_special.c - what a model directory says about chats
   ------------------------------------------------------------------- */

typedef struct {                     /* NULL or 0: the directory does not say */
    char    *template;               /* its chat template, as text */
    char    *tokenizer_class;        /* of tokenizer_config.json */
    char    *bos, *eos;              /* the tokens' texts: of tokenizer_config.json or special_tokens_map.json ... */
    int32_t  bos_id, eos_id;         /* ... else, where neither names one, not even null, config.json's numbers; -1 */
    int      add_bos;                /* add_bos_token of tokenizer_config.json; 1: it does not say */
    int32_t *end; int n_end;         /* eos_token_id of generation_config.json, else of config.json */
    char    *end_from;               /* which file said so */
    char    *question;               /* aletheia_question of config.json: brief or full (input/questions.conf) */
} hf_chat_t;
void hf_chat_read(const char *dir, hf_chat_t *c);    /* CODE_DATA: a field of the wrong kind.  local */
void hf_chat_reset(hf_chat_t *c);
void hf_question_write(const char *dir, const char *question);       /* into a config.json that init just made */

/* tokenizer.c, tokenizer_json.c (and pretoken.c, regex.c, scan.c, normal.c, late.c, merge.c, added.c), bpe.c -
   byte-level BPE */

typedef struct tokenizer tokenizer_t;
/* dir/tokenizer.json.  CODE_DATA names the field: absent, not JSON, not byte-level BPE, merges that name absent tokens,
   anything that would give other ids than the `tokenizers` package. */
tokenizer_t *tokenizer_open(const char *dir);
void    tokenizer_free(tokenizer_t *t);
int     tokenizer_size(const tokenizer_t *t);        /* largest id + 1 */
/* Appends ids to *ids (PUSH-style array), of any bytes.  Special tokens in the text are recognised iff special != 0. */
void    tokenizer_encode(const tokenizer_t *t, const char *text, size_t len, int special, int32_t **ids, int *n,
                         int *cap);
/* postprocess.c: the same with special 1, and before it what the tokenizer's post_processor puts before a text, unless
   the text begins with that already; what it would put behind a text is left out.  CODE_DATA: it cannot be told. */
void    tokenizer_encode_whole(const tokenizer_t *t, const char *text, size_t len, int32_t **ids, int *n, int *cap);
int     tokenizer_before(const tokenizer_t *t, const int32_t **id);          /* those ids, borrowed; how many */
void    tokenizer_before_text(const tokenizer_t *t, text_t *out);            /* appended as text, of special tokens */
int     tokenizer_specials(const tokenizer_t *t);    /* how many special tokens there are */
/* A warning where versions of transformers disagree about it. */
void    tokenizer_late_bos(const tokenizer_t *t, const hf_chat_t *chat, const char *dir);
/* special 0: special tokens left out */
void    tokenizer_decode(const tokenizer_t *t, const int32_t *ids, int n, int special, text_t *out);
int     tokenizer_special(const tokenizer_t *t, const char *content);        /* id, or -1 */
/* Makes a tokenizer.json of `vocab` entries by BPE training on a text (GPT-2-like pre-tokens with single digits);
   specials get the last ids. */
void    tokenizer_train(const char *path, const char *text, size_t len, int vocab, const char *const *special,
                        int n_special);

/* The same of at most so many entries: where the text gives no more, there are fewer.  Returns how many. */
int     tokenizer_train_most(const char *path, const char *text, size_t len, int most, const char *const *special,
                             int n_special);

/* record.c, record_in.c - rollout records
   --------------------------------------------------------------------------------- */

typedef struct {                     /* one judged completion, plain data */
    int32_t list, group, sample, candidates;         /* group: prompt of the draw; candidates: letters of the list */
    int32_t answer, right, parsed, truncated;        /* answer -1: unparsable; right: the right one's index */
    int32_t n_prompt; int64_t version, step;         /* version: steps before the parameters that sampled it */
    float   reward, correct, format, overlong, advantage;
    int32_t *token; float *logp; int n_token;        /* completion, at the sampling temperature; borrowed */
    float   *logp_one;                               /* at temperature 1; borrowed; NULL: not recorded */
    const char *text;                                /* borrowed */
    const int32_t *prompt;                           /* [n_prompt]; borrowed; NULL: not recorded */
} record_t;
/* Columns of rows under a folder of a file, rows of lower ranks first.  collective over the file's group */
void record_put(h5_t *f, const char *folder, const record_t *r, int n_local);
void record_append(h5_t *f, const char *folder, const record_t *r, int n);  /* behind those there; one process */
h5_t *record_create(group_t *g, const char *path, const char *deck); /* kind "rollout": record_put "sample", commit */
void record_write(group_t *g, const char *path, const char *deck, const record_t *r, int n_local);    /* collective */
int64_t record_sum(const record_t *r);               /* of what is learned from in a row; not of its text */
#define RECORD_CHANGED "it was changed since it was written"
/* record_in.c: the same rows, whole on every rank; CODE_DATA where columns are missing or do not fit each other */
typedef struct { record_t *row; int64_t n; void *block[10]; } records_t;
records_t record_get(h5_t *f, const char *folder);
void records_free(records_t *r);
enum { ROLLOUT_VERSION = 2 };        /* 2: candidates, step, where the parameters are from */

/* eval_file.c, numbers.c - what evaluations and choices leave: single answers, and a table of results
   ------------------------------

   Results are rows of one table, whatever was measured: a measure (listacc, sc, ktau, ...) of the lists of a suite that
   are alike by something (by "length", of "4"; all of them: by "all", of ""), from so many lists, with its 95% interval
   (NAN: none), beside what it is to be held against (chance, a bin's confidence; NAN: nothing). */
typedef struct { char measure[24], by[16], of[64]; int lists; double value, lo, hi, beside; } number_t;
typedef struct { number_t *row; int n, cap; } numbers_t;
/* NULL: there is none */
const number_t *number_find(const numbers_t *t, const char *measure, const char *by, const char *of);
void    number_add(numbers_t *t, number_t n);
/* FOLDER/measure, by, of, lists, value, lo, hi, beside.  collective over the file's group */
void    numbers_put(h5_t *f, const char *folder, const numbers_t *t);
numbers_t numbers_get(h5_t *f, const char *folder);  /* caller frees row */

/* list: index in the bank; id: list_id; n candidates; k-th sample; answer -1: unparsable */
typedef struct { int32_t list, n, k, answer, right, parsed, length, truncated; int64_t id; } answer_t;
/* one ordered pair of a list's candidates, shown as A and B; answer: the candidate chosen, or -1 */
typedef struct { int32_t list, first, second, answer, length, truncated; } pair_answer_t;
/* an answer whose thinking was cut at `budget` tokens (cut 0: it had ended by itself); length: tokens that were used */
typedef struct { int32_t list, k, budget, cut, answer, right, length; } budget_answer_t;
/* Hash of problem and programs in their order: the same in any bank. */
int64_t list_id(const bank_t *b, const list_t *l);
typedef struct {
    const answer_t *answer; int n_answer;            /* this rank's */
    const pair_answer_t *pair; int n_pair;
    const budget_answer_t *budget; int n_budget;
    const numbers_t *numbers;        /* the first rank's */
} eval_rows_t;
/* eval/<suite>.h5, kind "eval": suite/NAME/ a row an answer, pair/ and budget/ where there are any, number/ the
   results; those of all lists are attributes too.  collective */
void    eval_write(group_t *g, const char *path, const char *deck, const char *suite, hash_t param_hash,
                   const eval_rows_t *r);
/* The suite of such a file with its answers and results; CODE_DATA.  local */
typedef struct { char *suite, *param_hash; answer_t *answer; int n_answer; numbers_t numbers; } eval_file_t;
enum { EVAL_VERSION = 2 };           /* 2: names lists, results are a table */
eval_file_t eval_read(const char *path);
void    eval_file_free(eval_file_t *e);

/* A choice among the first n programs of a problem; program: index in the bank, right: it passes every test; asked:
   questions put, unparsed: without an answer; majority: by output, majority_right: the share of right ones among those
   most often alike; any: one of the n is right; share: of right ones */
typedef struct {
    int32_t problem, n, program, right, asked, unparsed, majority, any; double majority_right, share; int64_t id;
} chosen_t;
/* kind "select", rows in order of ranks.  suite: which problems.  collective */
void    select_write(group_t *g, const char *path, const char *deck, const char *suite, hash_t param_hash,
                     const chosen_t *c, int n_local, const numbers_t *numbers);
typedef struct { char *suite, *param_hash; chosen_t *choice; int n_choice; numbers_t numbers; } select_file_t;
select_file_t select_read(const char *path); /* CODE_DATA.  local */
void    select_file_free(select_file_t *s);

/* show.c - any of our files, in words */
void show_file(const char *path, text_t *out); /* local, one process; HDF5 file, model directory or checkpoint folder */
/* list n of a problem file; CODE_USAGE if there is none.  local */
void show_list(const char *path, int n, text_t *out);
