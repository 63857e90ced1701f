/* What readers of JSON lines share: problems with tests and programs, field by field.  Inside floor
   4 only. */
#pragma once
#include "bank_file.h"
#include "field.h"

/* How a text is compared, as fields: of a problem, a tests file's line and a checker alike. */
#define CHECK_OPTIONS                                                        \
    "nocase", "case_sensitive", "space_change_sensitive", "float_tolerance", \
        "float_relative_tolerance", "float_absolute_tolerance"

typedef struct {
    hash_t id;
    int line, problem; /* problem: whether it is one's, not a program's */
    char *name;
} bank_name_t;

typedef struct {
    bank_t *b; /* appended to */
    const char *path;
    int line, time_ms, memory_kb; /* limits where a line names none */
    int rates;         /* nonzero: programs may have a pass_rate, and get it as it is said */
    bank_name_t *name; /* ids so far, until bank_json_ids */
    int n_name, cap_name;
    int quiet;                 /* fields that nobody reads were said before */
    char warned[512];          /* ",field,field," */
    problem_t now;             /* being read; these are its */
    text_t id, setup, scratch; /* its name; what stands before each call; of one field */
    const char *prompt;        /* borrowed: stands before completions */
    int test;                  /* being read, from 1; 0: none */
    int files;                 /* read so far */
} bank_reader_t;

/* What was read so far of a line that is wrong goes again. */
typedef struct {
    int problems, tests, accepts, programs, names;
} bank_mark_t;
/* json_reader.c */
/* copies; problem: it is one's, not a program's */
void bank_json_add_id(bank_reader_t *m, const char *id, int problem);
bank_mark_t bank_json_mark(const bank_reader_t *m);
void bank_json_undo(bank_reader_t *m, bank_mark_t at);
void bank_json_end(bank_reader_t *m); /* frees what a reader keeps between lines */
/* ", problem NAME, test N" as far as it is known where a message came from. */
void bank_json_where(const bank_reader_t *m, text_t *why);

/* a problem with its tests and programs */
void bank_json_problem(bank_reader_t *m, const field_t *f);
/* tests and checker of the problem that b gets next */
void bank_json_tests(bank_reader_t *m, const field_t *f, problem_t *p);
/* Ids that came twice: each later line that has one, in order, with its message; forgets them
   all. */
void bank_json_ids(bank_reader_t *m, bank_bads_t *bad);

/* json_test.c - tests and how they are decided */
void json_tests(bank_reader_t *m, const field_t *f, problem_t *p);
/* A program of a field: its language and its source, which is a text.  New. */
char *json_program(bank_reader_t *m, const field_t *f, lang_t *l);
lang_t json_language(const field_t *f, const char *key);
/* The bytes at key, key_file (a file beside the lines) or key_base64, of which one may be there;
   new; NULL: none is. */
char *json_bytes(bank_reader_t *m, const field_t *f, const char *key, size_t *n);
/* The bytes of a file that is named at key, relative to the folder of the lines; new. */
char *json_file(bank_reader_t *m, const field_t *f, const char *key, const char *name, size_t *n);
/* Appended: a text, or the texts of a list, a line each. */
void json_lines(const field_t *f, const char *key, text_t *out);

/* base64.c: appended to out; 1: it is none. */
int base64_read(const char *s, size_t n, text_t *out);
/* Index of the name that stands at key; absent: `otherwise`, below 0: it must be there. */
int bank_json_name(const field_t *f, const char *key, const char *const *names, int n,
                   int otherwise);
/* One warning for each field that is not in known[] (NULL at its end). */
void bank_json_left_alone(bank_reader_t *m, const field_t *f, const char *const *known);
