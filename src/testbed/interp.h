/* Inside floor 6: a program of the small language while it runs. */
#pragma once
#include "testbed/ast.h"

enum { STEPS = 3000, DEPTH = 60, LARGE = 1000000000 };
enum { STOPPED = 1, ENDLESS = 2 }; /* failed: as Python would; by a bound of ours */

typedef struct {
    const ast_t *t;
    state_t s;
    text_t *out, *walk;
    int quiet, failed, steps, depth;
    int returned; /* the function is being left, with */
    long answer;
    char met[AST_NODES];
} engine_t;

/* v, or with a mark before it, into the walk */
void engine_note(engine_t *r, const char *mark, long v, type_t type);
/* The name of operation or condition e, when it is met for the first time. */
void engine_name(engine_t *r, int e);
long engine_stop(engine_t *r); /* STOPPED: 0 */
long engine_end(engine_t *r);  /* ENDLESS: 0 */
long engine_eval(engine_t *r, int e);
void engine_block(engine_t *r, int s); /* statements from s on */
