/* Inside floor 5: a bank being executed, as grade_bank.c works on it and bank_end.c ends it. */
#pragma once
#include "sandbox/grade/grade.h"
#include "known.h"

typedef struct {
    int problem, reference; /* program index; -1: every output is known */
    int cursor;             /* next program to be asked for; -1: none is left */
    int waiting;            /* answers to come */
    /* [tests], of the reference where the bank has none; NULL: nothing was missing */
    char **output;
    size_t *n_output;
    said_t *said; /* [tests], of the reference's first run; the messages are here */
    int answered; /* of its two runs */
    int failed;   /* it failed: what it should have made stays unknown */
} open_t;

typedef struct { /* one job that was sent */
    int problem, program, kind;
    int n, *test; /* which tests of the problem it holds */
    size_t bytes;
} asked_t;

struct grading_work {
    grading_t *g;
    const bank_t *b;
    limits_t deck;
    const char *mode;
    sandbox_mode_t in; /* the same as it stands with verdicts */
    known_t *known;
    int own_known; /* made here, for want of one */
    int me, n_client, first_problem, last_problem;
    int64_t n_test; /* when it began */
    /* what cannot be executed goes into left, else it ends the program; skip_bad: see
       grading_watch_t */
    int tolerant, skip_bad;
    char *todo;       /* [n_program at begin] 1: to be executed, here or elsewhere */
    char *has_output; /* [n_test] it is in the bank, or was made */
    int n_program;
    int *first_of, *next_of; /* programs of a problem, as chains */
    hash_t *program_part, *test_part;
    keymap_t claim; /* verdict -> program * n_test + test that has it executed */
    int *problem, n_problem, n_first, next; /* mine; from n_first on twins of earlier ones */
    open_t *open;
    int n_open, cap_open;
    asked_t *asked;
    int n_asked, cap_asked, flying, most_flying;
    size_t bytes;           /* of the jobs on their way */
    int stop;               /* nothing new is sent */
    text_t learned, faults; /* records; {program, test, time, memory}* */
    text_t left;            /* {problem, why}* */
    int n_done, n_total;
    int64_t n_executed, n_known, n_faults;
    char why[256];
};

/* grade_bank.c */
grading_work_t *work_begin(grading_t *g, const bank_t *b, const limits_t *l, int first_problem,
                           int n_problem, const char *want, const grading_watch_t *watch);
void work_left(grading_work_t *w, int problem, const char *why);
/* bank_job.c: a program on the n tests test[] of its problem, numbered within it; expect[n] NULL:
   their outputs come back.  Lent texts; reset it when it was submitted. */
typedef struct {
    job_t job;
    size_t bytes;
    const char **text, **other; /* [2 n]: inputs, then expected outputs; [n] */
    size_t *len, *n_other;
    check_t *check;
    form_t *form;
    text_t *made; /* [n]: what other points into */
} bank_job_t;
bank_job_t bank_job(const grading_t *g, const bank_t *b, int program, const int *test, int n,
                    const char *const *expect, const size_t *n_expect, limits_t limits);
void bank_job_reset(bank_job_t *x);
/* bank_ask.c */
enum { PLAIN, FIRST, SECOND };        /* asked_t.kind: a program; the reference's two runs */
void work_advance(grading_work_t *w); /* sends what may be sent */
/* output t of the problem is what the reference printed */
void work_made(grading_work_t *w, open_t *o, int t);
void open_free(const grading_work_t *w, open_t *o);
/* bank_end.c: see grading_made_t.left */
void work_pack(grading_work_t *w, text_t *all);
int64_t work_apply(bank_t *b, const text_t *all, bank_bads_t *left);
void work_free(grading_work_t *w);

/* bank_plan.c: what names are made of */
verdict_by_t work_by(const grading_t *g, const bank_t *b, const test_t *t);
/* of a program in that language; NULL: none */
const char *work_harness(const problem_t *p, lang_t l);
/* bank_plan.c: the steps of beginning, in this order */
void work_index(grading_work_t *w);
void work_hash(grading_work_t *w);
void work_find_todo(grading_work_t *w, const char *want);
void work_claim(grading_work_t *w);
void work_deal(grading_work_t *w);
limits_t work_limits(const grading_work_t *w, int problem);
/* test: its number in the bank */
hash_t work_key(const grading_work_t *w, int program, int test);
/* The first reference of a problem whose tests lack outputs; -1: nothing is lacking. */
int work_reference(const grading_work_t *w, int problem);
/* The name of the run of that reference that makes the output of a test. */
hash_t work_output_key(const grading_work_t *w, int reference, int test);
/* An output has become known: the names of verdicts on that test follow. */
void work_set_output(grading_work_t *w, int test, const char *output, size_t n);
