/* Inside floor 5: what grade_bank.c needs of grade.c. */
#pragma once
#include "sandbox.h"

group_t *grading_world(grading_t *g);
void     grading_rest(grading_t *g);                 /* client: graders may leave grading_serve */
void     grading_wait(grading_t *g, int ms);          /* client: sleeps until something came, or so long */
void     grading_drop(grading_t *g);                 /* all clients: what was asked for is not wanted; only grading_close may follow */
