/* Inside floor 6: a question's texts, as they stand in a file (input/questions.conf explains the
   keys). */
#pragma once
#include "testbed.h"

typedef enum {
    PART_INSTRUCT,
    PART_THINK,
    PART_CANDIDATE,
    PART_EXAMPLE,
    PART_SHARED,
    PART_SAMPLES,
    PARTS
} part_t;

struct question {
    char *name, *why;   /* as in prompt.question; how it was chosen, in words */
    char *part[PARTS];  /* as written, placeholders and escapes in them; NULL: absent */
    char *judge[PARTS]; /* the same, of lists of judge sets; all NULL: as others */
    int cut;            /* samples are cut out of imported statements */
};

/* The task's section of a row of the table (file NULL) or of a file; CODE_USAGE with source:line. */
void question_read(question_t *q, const char *name, const char *file);

/* What stands for a placeholder: text of n bytes. */
typedef struct {
    const char *name, *text;
    size_t n;
} filler_t;
/* Appends a part with its placeholders filled in; a filler without a name ends the list. */
void question_fill(text_t *out, const char *part, const filler_t *with);
