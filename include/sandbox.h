/* Floor 5: run one untrusted program on one input, and say what happened.  The only floor with
   namespaces and seccomp.  A verdict is about the guest; what goes wrong on our side is V_FAULT,
   counted, never a label.

   main starts the keeper BEFORE MPI and any thread (keeper_start); a rank talks to it over a socket
   pair.  Grader ranks (comm's mail) serve compute ranks; with no graders each rank's own keeper
   grades in the background. */
#pragma once
#include "io.h"

typedef struct {                     /* per test; 0 = default of the deck */
    int cpu_ms, wall_ms;             /* wall 0 in the deck too: 3 cpu + 500 */
    int memory_kb, output_kb, stderr_kb, processes, file_kb, scratch_kb;
    int stack_kb; /* of the main thread; 0 in the deck too: memory_kb, and the program may raise it */
    int compile_cpu_ms, compile_wall_ms, compile_memory_kb, compile_file_kb;
    compare_t compare;
} limits_t;

enum { EXCERPT = 64, WORDS = 256 };  /* bytes that are kept of a difference, of what a checker says */

typedef struct {                     /* what one run of one program did */
    verdict_kind_t verdict;
    const char *subcode;             /* "", "cpu", "wall", "security", ... static text */
    int     exit, signal;            /* exit status (-1 if by signal), signal (0 if none) */
    int64_t cpu_us, wall_us, memory_kb, stdout_bytes, stderr_bytes;
    int64_t first_difference;        /* byte (exact, call), token (tokens, float) or line (lines) from 0; -1: none */
    int     runs;                    /* processes started for it */
    int     n_got, n_want;           /* what stands there: any bytes */
    char    got[EXCERPT], want[EXCERPT];
    int     scored, n_words;         /* the checker gave points; any bytes that it said */
    double  score;
    char    words[WORDS];
} outcome_t;

/* limits.c ----------------------------------------------------------------------------------------------- */

limits_t limits_default(void);                       /* what the deck's table says */
limits_t limits_read(const deck_t *d);               /* [sandbox] of a deck */
limits_t limits_fill(limits_t own, const limits_t *deck);   /* zeros of `own` taken from `deck` */
limits_t limits_compiling(limits_t own); /* those of compiling take the place of a run's: cpu, wall, memory */
enum { MODE_DEGRADED = 1, MODE_NO_CGROUPS = 2, MODE_REQUIRE_CGROUPS = 4 };
int limits_modes(const deck_t *d);                   /* these, or'ed: [sandbox] allow_degraded and cgroups */
/* The limits of one problem: its time_ms and memory_kb (0: the deck's). */
limits_t limits_problem(const problem_t *p, const limits_t *deck);

/* judge.c - comparing outputs: bytes all the way ------------------------------------------------------------ */

/* 1: right; else 0 and the first difference in *o (of which only that is touched).  tokens: split at ASCII white
   space; exact: every byte; lines: without white space at line ends and empty lines at the end; float: tokens,
   numbers in them within the tolerances of l->compare, nan and infinity as themselves in any spelling (number.c). */
int judge(check_t c, const limits_t *l, const char *got, size_t n_got, const char *want, size_t n_want, outcome_t *o);

/* testlib.h as [sandbox] testlib names it, for job_t.testlib.  0: no such key, *out is untouched.  CODE_DATA: it cannot
   be read. */
int testlib_read(const deck_t *d, text_t *out);

/* keeper.c ------------------------------------------------------------------------------------------------- */

typedef struct keeper keeper_t;
/* Forks the keeper and a spare one, which takes over when the first is lost (killed, stopped, hung): what is pending
   is executed again, and nobody else notices.  Call before MPI and threads exist.  launchers 0: one per core.  NULL
   never. */
keeper_t   *keeper_start(int launchers);
/* Limits of the deck, launchers (0: as started) and allow_degraded: without user namespaces still run (seccomp +
   rlimits only); else runs end in V_FAULT with a clear text. */
void        keeper_configure(keeper_t *k, const limits_t *l, int allow_degraded, int launchers);
void        keeper_stop(keeper_t *k);                /* ends it and everything it runs; frees k */
/* How often the keeper is looked after and how long it, or a launcher, may be silent.  0: 500, 15000.  Before
   keeper_configure. */
void        keeper_watch(keeper_t *k, int beat_ms, int lost_ms);
/* The cores that launchers may use (n > 0); pin: launcher i on core[i mod n] alone. */
void        keeper_place(keeper_t *k, const int *core, int n, int pin);
/* replaced after a loss; jobs given out again */
typedef struct { int64_t keepers, launchers, repeated; } keeper_stats_t;
keeper_stats_t keeper_stats(const keeper_t *k);
int         keeper_alive(const keeper_t *k); /* 0: keeper and spare were lost at once; all is answered by faults */
/* "namespaces+seccomp+rlimits", "degraded: ...", "none: why"; for the log's first page */
const char *keeper_mode(keeper_t *k);
/* The table of languages that the deck names ([sandbox] languages; empty: input/languages.conf as built in), checked:
   CODE_USAGE with file:line.  Before keeper_configure.  k NULL: checked only. */
void        keeper_languages(keeper_t *k, const deck_t *d);
/* comments.c: how comments are written in each language, as the deck's table has it.  CODE_USAGE as keeper_languages.
   local */
typedef struct {
    int  row;                        /* the table knows this language */
    char begin[8], end[8];           /* "": its row does not say; end "": the end of the line */
} comment_t;
void        comments_read(comment_t to[LANGS], const deck_t *d);
/* By its name in the table, or by another that is usual for it (lang_find).  CODE_USAGE: there is no such row, or its
   tool-chain is not there, and why. */
lang_t      keeper_language(keeper_t *k, const char *name);
/* version, flags, factors: part of every verdict's key; "" if absent */
const char *keeper_toolchain(keeper_t *k, lang_t l);
int         keeper_has_row(const keeper_t *k, lang_t l);          /* the table knows this language */
const char *keeper_refusal(keeper_t *k, lang_t l);   /* why no program of this language can be run; "": it can */
const limits_t *keeper_limits(const keeper_t *k);    /* as configured */
int         keeper_launchers(const keeper_t *k);
/* Tests in the form of calls (calls.c), looked at without a program: why[i] NULL: sound, else what is wrong with
   text[i] (owned by the caller, mem_free).  Returns how many are not sound; -1: they could not be looked at, why[0]
   says why, the rest is NULL.  Blocks; other jobs may be on their way. */
int         keeper_check_calls(keeper_t *k, const char *const *text, int n, char **why);

/* One program on many inputs (all tests in one visit).  The keeper's answers come back by keeper_poll. */
typedef struct {
    int64_t ticket;                  /* caller's; comes back with the answer */
    lang_t  lang;
    const char *source; size_t n_source;
    int     n_test;
    const char **input;  const size_t *n_input;
    const char **expect; const size_t *n_expect;     /* expect[i] NULL: no comparison; the output is returned */
    /* further outputs that are right too, {int64 length, bytes, NUL}*; NULL: none */
    const char **other;  const size_t *n_other;
    const check_t *check;            /* NULL: tokens */
    /* NULL: all stdin.  call: input is a test in Python (calls.c, tester.c), expect is not looked at */
    const form_t  *form;
    lang_t      checker_lang;        /* of checks by a program: see special.c; expect NULL: it gets an empty file */
    const char *checker; size_t n_checker;           /* its source */
    const char *testlib; size_t n_testlib;           /* testlib.h, which lies beside it; NULL: none */
    const char *harness; size_t n_harness;           /* main file that includes the program's (compile.c); NULL: none */
    limits_t limits;
    int     stop_at_first;           /* 1: after the first failure the rest is V_SKIPPED */
    int     output_of;               /* 1 + a test whose output is returned whatever its verdict; 0: none */
} job_t;
typedef struct {
    int64_t ticket;
    int n_test;
    outcome_t *outcome;              /* [n_test] */
    /* [n_test], only where expect was NULL and the run was accepted, and of job_t.output_of */
    char **output; size_t *n_output;
    char   *message; /* compiler's or interpreter's words (capped, raw bytes), or why a fault; never NULL */
    int     compiled, runs;          /* a compiler ran; processes started for tests (repeats counted) */
    double  busy_s;                  /* of one launcher */
} done_t;
void    keeper_submit(keeper_t *k, const job_t *j);  /* copies; non-blocking as seen by the caller */
void    keeper_cancel(keeper_t *k, int64_t ticket); /* no answer comes; what runs is killed at once.  ticket < 0: all */
done_t *keeper_poll(keeper_t *k, int wait_ms);       /* NULL: nothing yet; caller frees with done_free */
void    done_free(done_t *d);
int     keeper_pending(const keeper_t *k);           /* submitted, not yet returned */

/* doctor.c - what this machine offers to the sandbox, what is missing, what to do: a table into t.
   k: configured as a run would.  1: programs could be run.  Forks; not for use while a run goes on. */
int doctor_report(keeper_t *k, text_t *t);

/* grade.c, grade_client.c, grade_serve.c - graders and their clients
   ---------------------------------------------------------------------- */

typedef struct grading grading_t;
/* collective(world).  n_graders last ranks of the world serve; 0: each rank's keeper grades what that rank submits.
   Identical work (by content) is executed once per client, and as a rule once per job: its answer is kept for a while,
   unless it holds a fault.  Graders pin their launchers (grade_place.c).  k is borrowed, NULL where nobody needs it. */
grading_t *grading_open(group_t *world, int n_graders, keeper_t *k);
/* The same as the deck says it: [sandbox] limits and [layout] launchers into the keeper, [layout] graders checked
   against the number of ranks (CODE_USAGE).  collective(world) */
grading_t *grading_read(const deck_t *d, group_t *world, keeper_t *k);
int        grading_is_grader(const grading_t *g);    /* local */
const char *grading_mode(const grading_t *g);        /* keeper_mode of the first rank that runs programs.  local */
/* why no program of this language can be run, "": it can.  local */
const char *grading_refusal(const grading_t *g, lang_t l);
const char *grading_toolchain(const grading_t *g, lang_t l);       /* of the same.  local */
/* [sandbox] fault_rate: the share of runs that may fail on our side.  local */
double      grading_fault_rate(const grading_t *g);
group_t   *grading_clients(const grading_t *g);      /* borrowed; NULL on a grader.  local */
/* A grader rank: returns when all clients have closed (or, inside grading_bank, when the bank is done). */
void       grading_serve(grading_t *g);
/* Client, non-blocking: copies.  1: taken.  0: 16384 jobs, or 512 MiB of jobs and answers, are held for this client:
   nothing was taken, poll first (one job is always taken). */
int        grading_submit(grading_t *g, const job_t *j);
/* The same for a program of a bank on all tests of its problem, under the problem's limits (deck: the deck's).
   judged 0: nothing is compared, outputs come back. */
int        grading_submit_program(grading_t *g, const bank_t *b, int program, const limits_t *deck, int judged,
                                  int64_t ticket);
done_t    *grading_poll(grading_t *g);               /* client; NULL: nothing yet */
int        grading_pending(const grading_t *g);
/* client: nothing comes any more of what was submitted; what runs is killed at once */
void       grading_cancel(grading_t *g);
/* Client: hears graders that were told to stop (then stop_asked is set here), also where nothing is submitted.  Cheap,
   local. */
void       grading_listen(grading_t *g);
/* redispatched: jobs given out again (faults, lost graders, keepers, launchers); restarts: keepers and launchers
   replaced after a loss; lost: graders that fell silent. */
typedef struct { int64_t programs, runs, compiled, cached, faults; double busy_s;
                 int64_t redispatched, restarts, lost; } grading_stats_t;
grading_stats_t grading_stats(const grading_t *g);   /* what this rank asked for, and what it cost */
void       grading_close(grading_t *g);              /* collective(world): ends the graders' grading_serve */

/* verdict.c - the name of a verdict: a hash of all that it depends on ----------------------------------------- */

/* harness: the main file that includes it; NULL or "": none. */
hash_t verdict_program(const char *source, size_t n_source, const char *toolchain, const char *harness);
typedef struct { /* what decides beside the output; looked at as far as the test's checker needs it */
    const char *checker, *toolchain; /* source of a special one and its tool-chain */
    hash_t testlib;                  /* of the header that lies beside it */
    const accepted_t *accept;          /* the bank's; NULL where no test has any */
} verdict_by_t;
/* output NULL: the run that makes it. */
hash_t verdict_test(const test_t *t, const char *output, size_t n_output, const verdict_by_t *by);
hash_t verdict_key(hash_t program, hash_t test, const limits_t *l, const char *mode);   /* mode: grading_mode */
sandbox_mode_t verdict_mode(const char *mode);               /* the same in short, as it stands with every verdict */

/* known.c, known_file.c, journal.c - the verdict store: what execution said before, by name
   ----------------------------------- */

typedef struct known known_t;
known_t *known_new(void);
/* With a journal: files BASE, BASE-<rank> in which every answer stands as soon as it is there; what an earlier job left
   in them is known.  collective(g) */
known_t *known_open(group_t *g, const char *journal);
void     known_free(known_t *k);                     /* journals stay */
int64_t  known_count(const known_t *k);
/* Reads verdicts of problem files, verdict files and folders of them, never writes them.  from NULL: paths is a list,
   separated by spaces or commas; else it is one folder, and its *.h5 whose names are not before `from` are read.
   How many were new.  CODE_DATA; skip_bad: files that cannot be read are named and left out.  collective(clients) */
int64_t  known_read(known_t *k, const grading_t *g, const limits_t *deck, const char *paths, const char *from,
                    int skip_bad);
/* V_NONE: not known; said NULL: only asked whether; its message is borrowed */
verdict_kind_t known_get(const known_t *k, hash_t key, said_t *said);
/* where that run made an output, and its bytes; borrowed; NULL */
const char *known_output(const known_t *k, hash_t key, size_t *n);
/* Faults (ours), skipped and unknown kinds are not taken; the first answer to a name stays.  Copies. */
void     known_put(known_t *k, hash_t key, const said_t *s, const char *output, size_t n_output);
/* The same for what was executed now: into the journal, and as a record into `out`. */
void     known_learn(known_t *k, text_t *out, hash_t key, const said_t *s, const char *output, size_t n_output);
void     known_sync(known_t *k);                     /* journal to disk, at most every few seconds.  local */
void     known_done(known_t *k, group_t *g);         /* another file has it all: journals go.  collective(g) */
void     known_keep(known_t *k);                     /* from here on known_save has something to save */
/* What was learned since the last save, by all of g, as one verdict file (aside, renamed); journals go.  How many.
   collective(g) */
int      known_save(known_t *k, group_t *g, const char *path, const char *deck);
void     known_trim(known_t *k, int64_t most);       /* forgets everything when there is more */

/* grade_bank.c, bank_plan.c, bank_end.c - a whole bank ---------------------------------------------------------- */

/* the store that executing banks uses and fills; borrowed; NULL: none.  local */
void     grading_know(grading_t *g, known_t *k);
known_t *grading_known(const grading_t *g);

/* Executes every program of problems [first, first + n) (n < 0: to the end) that has no verdicts yet, or faults, or
   verdicts of another text, limits or tool-chain (verdict_key); new ones replace these.  Tests without output
   first get theirs by executing the reference, twice (both must agree); then all other programs run on all tests; a
   fault is run again once.  What the store knows is not executed, equal runs are made once.  Verdicts stand in order of
   (program, test), bank_rates is called, every rank ends with the same bank.
   Returns how many runs were made.  collective(world): graders call it too and serve meanwhile.  l: the deck's limits;
   progress (NULL: none): programs, called on the first rank. */
int grading_bank(grading_t *g, group_t *world, bank_t *b, const limits_t *l, int first_problem, int n_problem,
                 void (*progress)(void *ctx, int done, int total), void *ctx);
/* The same, and it may be stopped: what is on its way is then dropped, what was answered is in the bank, and g is good
   for grading_close only. */
typedef struct { int64_t done, total, executed, known; } grading_progress_t;   /* programs; runs made, verdicts found */
/* What could not be executed goes into `left` on every rank, sorted by problem, and the rest is executed: problems
   whose reference fails or contradicts itself (their tests without output stay so), and with skip_bad those that nobody
   can execute here (no tool-chain, no reference).  Faults are then counted only.  left NULL: all of these end the
   program. */
typedef struct {
    int  (*stop)(void *ctx);                                         /* asked on every client; NULL: never */
    void (*progress)(void *ctx, const grading_progress_t *p);        /* of all clients, on the first; NULL: none */
    void *ctx;
    bank_bads_t *left;
    int skip_bad;
} grading_watch_t;
/* rows: verdicts that the bank got; faults: runs that failed on our side; why: the first of them */
typedef struct { int64_t executed, known, programs, rows, faults; int stopped; char why[256]; } grading_made_t;
/* Problems of which nothing could be executed here: a program (of those wanted; want NULL: all) or the checker is in a
   language that the table does not know or whose tool-chain is not there.  Appended.  local */
void grading_bank_bads(const grading_t *g, const bank_t *b, const char *want, bank_bads_t *to);
grading_made_t grading_bank_watched(grading_t *g, group_t *world, bank_t *b, const limits_t *l,
                                    const grading_watch_t *watch);
/* The same in the background, for clients only (graders sit in grading_serve).  want: [n_program] nonzero = execute
   (NULL: all). Between begin and finish the bank may grow, but nothing in it may move out or change; meanwhile the
   caller submits no jobs itself. */
typedef struct grading_work grading_work_t;
grading_work_t *grading_bank_begin(grading_t *g, const bank_t *b, const limits_t *l, int first_problem,
                                   int n_problem, const char *want);
double grading_bank_poll(grading_work_t *w); /* local, never blocks: fraction of this rank's programs done, 0..1 */
void   grading_bank_finish(grading_work_t *w, bank_t *b);   /* collective(clients): waits, fills the bank, frees w */
/* collective(clients): cancels what runs, frees w; answers so far are in the store, on all of them */
void   grading_bank_drop(grading_work_t *w);

/* grade_bench.c, bench_bare.c, bench_bounds.c: how fast, beside floors measured in the same run; RESULT lines. */
void grading_bench(keeper_t *k, text_t *out);
/* A thousand programs on that many grader ranks, against one program's rate.  collective(world) */
void grading_bench_ranks(group_t *world, int n_graders, keeper_t *k, text_t *out);
