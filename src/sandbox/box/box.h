/* Inside floor 5: the launcher, a process that lives in its own sandbox and runs guests in it. */
#pragma once
#include "cgroup.h"
#include "sandbox/language/languages.h"
#include <sys/resource.h>
#include <sys/statfs.h>
#include <sys/types.h>
#include <time.h>

enum {
    BOX_CACHE = 64,
    BOX_TREE = 4096,
    BOX_OWN_ID = 0x70000000
}; /* a launcher of root runs guests as OWN_ID + its pid:
                                         nobody else's, and beyond the ranges that containers are given */

typedef enum {
    READY_PLAIN,
    READY_CHECKER,
    READY_CALLS,
    READY_KATTIS,
    READY_TESTLIB,
    READY_TESTER,
    READY_SERVED,
    READY_KINDS
} ready_kind_t; /* special.c; calls.c:
                                        `in` is a call, its value goes to `out`; tester.c; a call, or a tester asks */

typedef struct {
    int degraded;         /* no namespaces */
    int own_id, landlock; /* degraded: guests run as a user of their own; its ABI, 0: none */
    cgroup_t group;       /* the launcher's and its guests' */
    int64_t helpers_us;   /* CPU time of the launcher and Python's processes before the run */
    int scratch, cache, proc, own_ns, signals; /* descriptors; -1: none */
    int shm;                                   /* the scratch's other folder; -1: none */
    int streams, desk; /* streams.c's: folders that guests cannot write to, as we can; ... */
    /* ... the files of streams, for us and for guests; a run left something in them */
    int mine[3], theirs[3], unread;
    size_t n_input;  /* bytes of the input that is in its file */
    char beside[32]; /* name of the source's link in a clean scratch; "": none */
    /* the source that lies there, of the job that is worked on */
    const char *placed;
    size_t n_placed;
    char scratch_path[256];
    struct statfs pristine;     /* of the scratch when clean ... */
    struct timespec changed[3]; /* ... and the ctimes of its folders and of the link */
    int tainted;                /* finish this job, then be rebuilt */
    int number;                 /* among the launchers of the keeper */
    /* what says how many sockets there are; how many there are between runs, -1: not known */
    int sockstat, sockets;
    struct alone *alone;
    int64_t hard[RLIM_NLIMITS]; /* our own hard limits; -1: none */
    int n_base;                 /* tasks that count towards RLIMIT_NPROC beside the guest's */
    pid_t zygote, program;      /* Python's processes, 0: none */
    pid_t loaded[READY_KINDS];  /* programs, of which one runs now */
    int zygote_fd, program_fd;
    char why[512]; /* what failed */
    languages_t languages;
    char python[64], python_tool[64]; /* path; version line, "" if absent */
    hash_t cached[BOX_CACHE];         /* compiled programs by content, and their files */
    int cached_fd[BOX_CACHE], n_cached;
    /* folder of precompiled headers; the same, read-only; -1: none */
    int shelf, shelf_used, n_shelf;
    pipe_end_t *to; /* the keeper */
    double beat;    /* when it last heard that we live */
    int side;       /* its socket for descriptors, -1: none */
    char *stack;    /* run.c's: for clones */
    pid_t guard;    /* run.c's: process 1 of the namespace that runs go into, 0: none; */
    /* the namespace; its process 1's children and ours, -1: not to be had */
    int guard_ns, guard_kids, own_kids;
    int load; /* proc's loadavg, which ends with the last pid given; -1: not to be had */
    /* proc's ns_last_pid, of the namespace of who writes to it; -1: not to be had */
    int last_pid;
    int away; /* children of ours are born there */
    struct tree *tree;
    struct tester *tester; /* tester.c's; NULL: none was needed yet */
    hash_t split_key;      /* calls.c's: the asserts taken apart last, ... */
    text_t split;          /* ... and into what */
    text_t talk;           /* calls.c's: talk.py, compiled; empty: not needed yet */
} box_t;

/* One run. */
typedef struct {
    const char *in;
    size_t n_in;
    limits_t limits;         /* all set */
    const char *const *argv; /* program to execute; NULL: the Python program that was loaded */
    int exe;                 /* descriptor to execute instead of argv[0]; -1: argv[0] is a path */
    int folder;              /* descriptor of the folder to start in; 0: the scratch */
    const line_t *variables; /* at most 4 more of its environment; NULL: none */
    /* a test program that asks the guest, beside it (tester.c); NULL: none.  Its words go to
       `out` */
    const char *test;
    size_t n_test;
    int test_status, test_first; /* as of wait; it ended before the guest did */
    int is_tester;               /* this is one: tester_bounds */
    text_t out, err;             /* err: only its end is kept */
    int64_t n_out, n_err;
    int status; /* as of wait */
    int64_t cpu_us, wall_us, peak_kb;
    int over_cpu, over_wall, over_out, over_err, over_memory;
    const char *fault; /* ours; NULL: none */
} guest_t;

/* root.c */
/* what guests see of the machine; NULL ends them */
extern const char *const root_shown[], *const root_devices[];
int root_enter(box_t *b, const limits_t *l); /* mounts, pivot; 0: failed, b->why says where */
int root_degraded(box_t *b, const limits_t *l);
/* of the scratch, where it is a tmpfs; 0: it holds more than that */
int root_resize(box_t *b, int64_t kb);
/* MS_REMOUNT | MS_NOSUID | MS_NODEV: the one way of mounting left after filter_load */
enum { ROOT_RESIZE = 0x20 | 0x2 | 0x4 };
/* the scratch may grow as large as it should; else 0 and b->why */
int root_room(box_t *b, const limits_t *l);
/* filter.c */
int filter_load(int only); /* only: 0, or the one pid that may be signalled.  0 or -errno */
/* program: descriptor or -1.  0 or -errno */
int filter_landlock(const char *writable, int program, int abi);
int filter_landlock_abi(void); /* 0: the kernel has none */
/* box.c */
/* go: a descriptor that says, in one byte, which kinds of control group launcher i was moved into;
   side: its socket for descriptors; languages: copied. */
_Noreturn void box_main(int fd, int degraded, const limits_t *l, int go, cgroup_site_t *site, int i,
                        int side, const languages_t *languages, struct alone *alone);
int box_tasks(void);     /* tasks of this user, as far as /proc shows them */
void box_beat(box_t *b); /* a sign of life to the keeper, at most every half second */
int box_owns(const box_t *b, pid_t pid);  /* the zygote, or a Python program that is loaded */
int box_fail(box_t *b, const char *what); /* why = what: strerror(errno); returns 0 */
/* clean.c */
int box_dirty(box_t *b);     /* the scratch was written to */
int box_clean(box_t *b);     /* empties it; 0: could not, b->tainted is set */
void box_empty(box_t *b);    /* of files, whoever put them there; not yet clean */
int box_remove(int dir);     /* empties a folder, closes it; 0: not all of it */
void box_remember(box_t *b); /* it is clean as it stands now */
/* streams.c */
/* what the guest gets; our ends of two of them; -1: closed */
typedef struct {
    int guest[3], out, err;
} streams_t;
int streams_start(box_t *b); /* once; 0: failed, b->why says where */
int streams_input(box_t *b); /* a descriptor of empty standard input, the caller's; -1 */
int streams_open(box_t *b, const guest_t *r, streams_t *s); /* 0: failed, b->why says where */
void streams_replace(const box_t *b, int *to, int fd);      /* one of them by fd */
void streams_given(const box_t *b, streams_t *s);           /* closes what the guest has */
void streams_close(const box_t *b, streams_t *s);
int streams_source(box_t *b, const char *name, const char *s,
                   size_t n); /* beside the program that runs next; borrowed until the next one;
                                        name "": none.  0: failed */
int streams_relink(box_t *b); /* into an emptied scratch; 0: failed */
/* run.c */
typedef struct {
    int which;
    int64_t soft, hard;
} bound_t; /* -1: none */
void run_go(box_t *b, guest_t *r);
void run_reset(guest_t *r);
/* CPU time above the limit after which a guest is killed */
int64_t run_grace_us(const limits_t *l);
/* trusted tool with wide limits; exit status or -1 */
int run_bare(box_t *b, const char *const *argv, text_t *out);
/* start.c */
/* further children are born in the launcher's own pid namespace; 0: failed */
int run_home(box_t *b);
/* stack: its top.  0: no process; r->fault: our doing */
pid_t run_start(box_t *b, guest_t *r, const int stream[3], char *stack);
/* guard.c */
enum { GUARD_STACK = 1 << 16 };
/* a namespace that is empty but for its process 1; 0: none could be made */
int guard_start(box_t *b, char *stack);
/* ends it with all that is in it; CPU time of those who were ours to reap */
int64_t guard_end(box_t *b);
int guard_alone(const box_t *b, pid_t main_pid); /* the run left nobody behind */
void guard_count(box_t *b);                      /* before a run: sockets that are there */
void guard_let_go(box_t *b);                     /* after it: those that it left go */
void guard_hunt(box_t *b, pid_t pid);            /* without namespaces: ends whoever is left */
/* alone.c */
typedef struct alone alone_t;
alone_t *alone_new(void); /* keeper: before it starts launchers; NULL: they never are alone */
void alone_clear(alone_t *a, int i); /* keeper: launcher i is gone */
void alone_enter(box_t *b);          /* around every run */
void alone_leave(box_t *b);
void alone_begin(box_t *b); /* around a run beside which no other launcher's goes on */
void alone_end(box_t *b);
/* measure.c */
typedef struct {
    int64_t cpu_us;
    pid_t pid;
} seen_t;
enum { TREE_SWARM = 8 }; /* more processes than an honest program has */
typedef struct tree {
    seen_t now[BOX_TREE], before[BOX_TREE];
    int n, n_before, hurry; /* hurry: looks since new processes came, counted down */
    int looks;
    pid_t guard;
    int64_t first_us;                /* CPU time seen by the first look */
    int64_t gone_us, cpu_us, rss_kb; /* of those seen no more; of all; the peak of all */
    int64_t shared_kb; /* of the machine, before the run; -1: a control group sees to it */
} tree_t;
void tree_begin(const box_t *b, tree_t *t, pid_t guard);
void tree_kill(const box_t *b, tree_t *t); /* whom it can see, at once; what was measured stays */
void tree_measure(box_t *b, tree_t *t, pid_t main_pid, int64_t limit_kb);
/* hidden.c */
int64_t hidden_shared_kb(void);
/* the folder of a process's descriptors in proc; -1 */
int hidden_descriptors(const box_t *b, pid_t pid);
/* 0 unless it is more than above_kb */
int64_t hidden_kb(const box_t *b, const tree_t *t, int64_t above_kb);
/* scratch.c */
/* what its files take, those that only the run still has open too */
int64_t scratch_kb(const box_t *b, const tree_t *t);
/* python.c */
int python_start(box_t *b); /* the zygote; 0: failed */
void python_stop(box_t *b);
/* Loads a program: NULL ready; else a sub-code, with words in *message. */
const char *python_load(box_t *b, const job_t *j, ready_kind_t kind, text_t *message, int *verdict);
void python_unload(box_t *b);
pid_t python_fork(box_t *b, const int stream[3], int ns); /* a child of the launcher; -1 */
/* python_cold.c: the same without a zygote */
/* NULL: it compiles; else as python_load */
const char *cold_check(box_t *b, const job_t *j, text_t *message, int *verdict);
int cold_put(box_t *b, const char *s, size_t n); /* the program's file; 0: does not fit */
/* what starts it; how many words */
int cold_words(box_t *b, ready_kind_t kind, const char **word);
/* compile.c: a program of any language but Python, that can be run again and again */
typedef struct {
    char *name;
    const char *s;
    size_t n;
} built_file_t; /* s: borrowed */
typedef struct {
    built_file_t file[3];
    int n_file; /* not compiled: what is put into the scratch for a run */
    line_t run; /* words; none: it could not be built */
    char *path;
    line_t variables; /* of its environment */
    int exe, bundle;  /* file to execute; files to unpack; -1: none */
} built_t;
/* The job's source, harness, testlib.h, language and limits.  NULL: ready; else a sub-code, the
   verdict, and words in *message. */
const char *built_open(box_t *b, built_t *p, const job_t *j, int checker, text_t *message,
                       int *verdict, int *ran);
int built_place(box_t *b, const built_t *p); /* its files, before every run; 0: could not */
void built_close(built_t *p);
/* '+' and its line for keys, or '-' and why not */
void toolchain_report(box_t *b, lang_t lang, text_t *out);
/* ready.c: a program made ready to run */
typedef struct {
    lang_t lang;
    const char *source;
    size_t n_source;     /* borrowed */
    built_file_t beside; /* Python with a harness, which is the source then: the program */
    built_t built;       /* of other languages than Python */
    pid_t pid;           /* Python's process, 0: none */
    int fd;              /* to it */
    ready_kind_t kind;
    int cold, compiled, verdict;
    const char *subcode; /* not NULL: it could not be made ready; verdict and message say more */
    text_t message;
    const char *argv[LINE_WORDS + 4];
} ready_t;
/* language, source, limits of a job */
void ready_open(box_t *b, ready_t *p, const job_t *what, ready_kind_t kind);
void ready_use(box_t *b, ready_t *p, guest_t *r); /* before each run */
int ready_is_checker(ready_kind_t kind);
void ready_close(box_t *b, ready_t *p);
/* special.c: 1 right, 0 wrong, or a fault: *o and *message then say so.  open: for the tests of job
   j that are checked so */
ready_kind_t special_kind(check_t c);
void special_open(box_t *b, ready_t *p, const job_t *j, check_t c);
int special_judge(box_t *b, ready_t *p, const job_t *j, int i, const text_t *got, outcome_t *o,
                  text_t *message);
/* calls.c */
typedef struct {
    const char *how, *call, *value, *type;
} call_t;
/* call[tests of the job]; n_test: of them programs of their own */
typedef struct {
    call_t *call;
    text_t text, why;
    int n_test;
} calls_t;
extern const char calls_source[];
const char *calls_cold(void);
void calls_open(box_t *b, calls_t *c, const job_t *j);
void calls_reset(calls_t *c);
done_t *calls_report(box_t *b, const job_t *j); /* of TICKET_CALLS */
/* NULL: a sound test; else a sub-code of a fault */
const char *calls_refuse(const calls_t *c, const job_t *j, int i, text_t *message);
void calls_judge(const call_t *c, check_t check, const limits_t *l, const text_t *got,
                 outcome_t *o);
/* number.c: numbers in texts, for the float checker */
/* of the number at s; 0: none.  What comes after it is not looked at */
size_t number_length(const char *s, size_t n);
/* whole texts; b: expected */
int number_near(const compare_t *c, const char *a, size_t n_a, const char *b, size_t n_b);
/* with anything around them */
int numbers_near(const compare_t *c, const char *a, size_t n_a, const char *b, size_t n_b);
/* judge.c: the same as judge, with further outputs that are right too (job_t.other) */
int judge_any(check_t c, const limits_t *l, const char *got, size_t n_got, const char *want,
              size_t n_want, const char *other, size_t n_other, outcome_t *o);
/* tester.c */
extern const char tester_source[], tester_cold_source[];
void tester_bounds(const limits_t *l, bound_t *bound, int n);
int tester_begin(box_t *b, const guest_t *r, streams_t *s); /* 0: failed, b->why says where */
int tester_ended(box_t *b, guest_t *r);                     /* by itself; looked at, at once */
/* after its end: 1: the guest had ended before it, and is reaped */
int tester_last(guest_t *r, pid_t pid, struct rusage *ru);
void tester_ask(box_t *b, guest_t *r); /* the run's real time is over: whom does it wait for? */
/* for certain; CPU time of others that were reaped with it */
int64_t tester_end(box_t *b, guest_t *r);
int64_t tester_us(const box_t *b); /* its CPU time, of the run that goes on or ended last */
int tester_owns(const box_t *b, pid_t pid);
outcome_t tester_outcome(const guest_t *r, text_t *words); /* of a run with a test program */
/* judge.c: values as calls.py writes them; check float: numbers in them within the tolerances */
int judge_value(check_t c, const limits_t *l, const char *got, size_t n_got, const char *want,
                size_t n_want, outcome_t *o);
/* ending.c */
outcome_t ending(const guest_t *r, lang_t lang); /* V_NONE: it ended well, so its output decides */
int ending_again(const outcome_t *o, const limits_t *l); /* it may have been the machine's doing */
/* job.c */
done_t *job_run(box_t *b, const job_t *j);
/* start.c: rlimits of a guest, filled into pairs; returns the count */
int run_bounds(const box_t *b, const limits_t *l, bound_t *out);
