/* Inside floor 10: what `aletheia exec` was asked for. */
#pragma once
#include "app.h"

enum { EXEC_SOURCE_MIB = 16, EXEC_INPUT_MIB = 256, EXEC_RUNS = 1000000 };

typedef struct { /* the command line; views */
    const char *language, *file, *expect, *checker, *calls, *test, *harness, *output;
    const char **other; /* [n_other] */
    char **override;    /* [n_override] */
    int repeat, n_other, n_override;
} options_t;

typedef struct { /* what it names, read */
    int n;       /* tests in a round: 1, or one per call */
    text_t source, input, want, other, checker, calls, harness, testlib;
    const char **call; /* [n] */
    int *line;         /* of the calls' file */
    check_t check;
    compare_t compare;
    lang_t lang, checker_lang;
    const char *note; /* what is missing, ""; static */
    int output;       /* descriptor that gets what the last run printed; -1: none */
} work_t;

/* exec_work.c */
options_t options_read(const call_t *c); /* CODE_USAGE */
/* CODE_DATA, CODE_USAGE */
void work_read(work_t *w, keeper_t *k, const options_t *o, const deck_t *d);
void work_reset(work_t *w);
