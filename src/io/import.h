/* What import.c, import_line.c, import_judge.c, import_answers.c and import_index.c share.  Inside floor 4 only. */
#pragma once
#include "bank_json.h"

/* import_line.c - one line of the published schema */
typedef struct {                                           /* texts are borrowed from the line */
    const char *prompt, *query, *generator, *modification; /* modification "": none */
    char idx[256];                                         /* "": none */
    lang_t lang;
    suite_t suite;
    int n, answer;
    const char *candidate[5];
    double rate[5];
} import_list_t;
/* suite: the one that the line must be of, or SUITES: as it says.  base: how chosen_position may
   count, bit 0 from 0, bit 1 from 1; what the line rules out is taken away.  CODE_DATA */
void import_list(bank_reader_t *m, import_list_t *l, const field_t *f, suite_t suite, int *base);
char *import_candidate(char out[2], int i); /* A.. */

/* import_judge.c - one line of a judge set */
typedef struct {
    char *text;
    const char *by; /* who wrote it, or the set's name */
    char style[24]; /* "": none */
} judge_text_t;
typedef struct { /* by, id_key and task are borrowed, the rest is owned */
    judge_set_t set;
    const char *id_key, *task; /* task: of codejudgebench */
    char id[256];              /* "": none */
    text_t statement, family;
    lang_t lang;
    int right, wrong, cap, difficulty;
    judge_text_t *text; /* the right ones, then the wrong ones */
    int lists, length;  /* lists of the line, each of so many candidates */
} import_judge_t;
int import_judged(
    const field_t *f); /* does it look like a line of a judge set?  CODE_DATA: of two */
/* set: a judge_set_t, PAIRS for any set of pairs, below 0: as the fields say.  CODE_DATA; j is to be
   freed even so */
void import_judge(import_judge_t *j, const field_t *f, int set);
void import_judge_list(const import_judge_t *j, int k,
                       int pick[5]); /* of text[], the right one first */
/* Where the right answer stands in list number `at` of those of its length; shuffles the wrong ones. */
int import_judge_place(uint64_t seed, int64_t at, int length, int *wrong);
void import_judge_free(import_judge_t *j);

/* import_answers.c - what stands in such a line; all CODE_DATA */
int judge_blank(const char *s);
const char *judge_key(judge_set_t set, int wrong);         /* where answers stand */
const char *judge_said(const field_t *f, const char *key); /* a text that is not blank */
void judge_request(import_judge_t *j, const field_t *f, const char *key); /* appended */
/* The answers at key, appended; count: &j->right, first, or &j->wrong. */
void judge_side(import_judge_t *j, const field_t *f, const char *key, int *count);
void judge_code(import_judge_t *j, const field_t *f); /* takes them for code where they are */

/* import_batch.c - what a tests file says of one problem, into p and the reader's bank; and the
   head of a line in a batch, after which come path, line, tests' path, tests */
void import_tests(bank_reader_t *m, const field_t *f, problem_t *p);
typedef struct {
    int32_t line, kind, suite, begins, tests_line; /* begins: the first of its problem */
    int32_t time_ms, memory_kb, set;
    uint64_t seed;
    int64_t at; /* of judge sets: lists of this length before it */
    int64_t n_path, n_line, n_tests_path, n_tests;
} import_head_t;

/* import_files.c - the line with the bytes of the files that it names, appended; reader: its path
   is that of the lines */
void import_inline(bank_reader_t *m, const char *where, const char *s, size_t n, text_t *out);

/* import_index.c - the lines of all files by what they hold, on disk */
typedef enum { LINE_TESTS, LINE_LIST, LINE_PROBLEM, LINE_JUDGE } line_kind_t;
typedef struct {
    hash_t prompt, problem;    /* of prompt_id (or id); of prompt_id and statement */
    hash_t idx, content, text; /* of idx in its file; of the candidates; of the whole line */
    int64_t number, first;     /* of the line, over all files; of the first line of its problem */
    int64_t at, bytes;         /* where it stands in its file */
    int64_t tests_at, tests_bytes; /* tests of its prompt; bytes 0: none */
    hash_t tests_text;
    int32_t file, line, tests_line;
    int8_t kind, suite, has_idx, python, calls; /* calls: of tests, needs python */
    int8_t files, tests_files;                  /* the line, its tests name files */
    int8_t set, length;                         /* of a judge set: which, candidates of its lists */
    int32_t lists;                              /* and how many of these it has */
} line_t;
typedef struct line_index line_index_t;
typedef const char *(*line_name_t)(void *ctx, int file);
/* bad gets lines that others contradict */
line_index_t *index_new(const char *beside, bank_bads_t *bad);
void index_bad(line_index_t *x, int64_t number); /* a line that was added is not taken after all */
void index_add(line_index_t *x, const line_t *l);
/* No more come.  Joins tests to lists, finds what came twice (bad), puts lines in order of (first,
   number). */
void index_finish(line_index_t *x, line_name_t name, void *ctx, import_count_t *count);
/* in that order, without tests; NULL: no more.  Good until the next call */
const line_t *index_next(line_index_t *x);
const line_t *index_peek(line_index_t *x); /* what index_next would give */
void index_free(line_index_t *x);
