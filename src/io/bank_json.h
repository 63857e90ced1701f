/* What readers of JSON lines share: problems with tests and programs, field by field.  Inside floor 4 only. */
#pragma once
#include "field.h"

typedef struct {
    hash_t id;
    int line;
    char *name;
} bank_name_t;

typedef struct {
    bank_t *b;                       /* appended to */
    const char *path;
    int line, time_ms, memory_kb;    /* limits where a line names none */
    int rates;                       /* nonzero: programs may have a pass_rate, and get it as it is said */
    bank_name_t *name;               /* ids so far, until bank_json_ids */
    int n_name, cap_name;
    int quiet;                       /* fields that nobody reads were said before */
    char warned[512];                /* ",field,field," */
} bank_reader_t;

void bank_json_problem(bank_reader_t *m, const field_t *f);         /* a problem with its tests and programs */
void bank_json_tests(bank_reader_t *m, const field_t *f, problem_t *p);   /* tests and checker of the problem that b gets next */
void bank_json_ids(bank_reader_t *m);                               /* ids so far are unique; forgets them.  CODE_DATA */
/* Index of the name that stands at key; absent: `otherwise`, below 0: it must be there. */
int  bank_json_name(const field_t *f, const char *key, const char *const *names, int n, int otherwise);
/* One warning for each field that is not in known[] (NULL at its end). */
void bank_json_left_alone(bank_reader_t *m, const field_t *f, const char *const *known);
