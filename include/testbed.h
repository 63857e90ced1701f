/* Floor 6: problems, candidate programs, lists, prompts, answers and their reward. */
#pragma once
#include "sandbox.h"

/* draw.c, family_*.c (include/families.def), idle.c, candidates.c, mutate_*.c, rewrite.c, emit_python.c, emit_c.c,
   core.c, interp.c ------------ */

typedef struct {                     /* [problems] of a deck */
    uint64_t seed;
    int   first, count;              /* problems first .. first+count of the split's seed range */
    suite_t split;                   /* SUITE_TRAIN or SUITE_HELDOUT: disjoint ranges, checked by content */
    lang_t lang;
    int   difficulty;                /* highest level drawn */
    char  families[512];             /* "all" or a comma-separated list */
    int   weak, strong, equivalents; /* candidate programs drawn per problem and pool */
    int   hard;                      /* further weak ones of pass rates as the suite hard has them; HELDOUT only */
    int   tests;                     /* test inputs per problem */
    double rewrite;                  /* chance of each behaviour-preserving rewriting of a candidate */
} draw_t;
void draw_read(draw_t *d, const deck_t *deck, suite_t split);  /* the [problems] section; split as given */
/* Appends problem number i of the range, with tests (outputs NULL) and programs (pass_rate NAN).  A pure function of
   (draw_t, i).  local */
void draw_problem(bank_t *b, const draw_t *d, int i);
/* The same, but a problem whose meaning (family and what the reference does) was drawn before with the same `seen` is
   drawn again some 24 times before it is taken: a pure function of draw_t and the numbers drawn so far, in order. */
typedef struct meanings meanings_t;
meanings_t *meanings_new(void);
void        meanings_free(meanings_t *m);
void draw_distinct(bank_t *b, const draw_t *d, int i, meanings_t *seen);
/* Distinct statements that can be drawn from the families and levels of d, at least (a measured table). */
int  draw_capacity(const draw_t *d);
/* TRAIN or HELDOUT: a function of the family and of what the reference does, never of wording or tests, so that the two
   splits share no problem even in other words. */
suite_t draw_split(const char *family, const char *reference_core);

/* lists.c - lists from executed programs
   ----------------------------------------------------------------------------- */

/* Appends up to n lists of a problem whose programs were executed: one right candidate (often a rewritten equivalent),
   wrong ones with pairwise distinct pass rates; easy <= 0.5, hard 0.7..0.9.  Returns how many were made. */
int  lists_make(bank_t *b, int problem, suite_t suite, int n, uint64_t seed);
/* The same for all held-out problems in a suite that is to have as many lists of 2, 3, 4 and 5 candidates: lengths are
   dealt from the longest on, and what is too many is not made.  Where no problem's programs allow a list of 5, as
   lists_make.  most: lists of one problem.  Returns the problems that allow a list of 5. */
int  lists_make_balanced(bank_t *b, suite_t suite, int most, uint64_t seed);
/* How many different pass rates of wrong candidates a suite knows with so many tests. */
int  lists_rates(suite_t suite, int tests);
/* NULL, or what is wrong with list i. */
const char *list_check(const bank_t *b, const list_t *l);

/* edit.c, edit_place.c, edit_words.c - the suite adv: lists of heldout with edited comments
   ----------------------------------------------------- */

/* Appends one adv list for every list of heldout whose candidates were executed: every wrong one praised, or the right
   one spoken ill of, the six edits equally often.  Edited programs get rows behind the others of their problem, not
   executed yet; whoever names programs by number in the bank is renumbered.  How many lists; they are to be executed
   and settled.  comment: by language.  local */
int  edits_make(bank_t *b, uint64_t seed, const comment_t comment[LANGS]);
/* A language of programs of held-out problems without comments; -1: none. */
int  edits_refused(const bank_t *b, const comment_t comment[LANGS]);
/* After the edited programs were executed: adv lists go whose verdicts are not those of the unedited list on every
   test.  Each of these is told to say (NULL: to nobody). */
typedef struct { int lists, programs, changed, unknown, of[EDITS]; } edits_t;    /* lists that stay, also by edit;
   edited programs; lists that went: a verdict changed, there is none */
edits_t edits_settle(bank_t *b, void (*say)(void *ctx, int list, const char *why), void *ctx);
int  edit_of_wrong(edit_t e);                        /* 1: the wrong candidates are edited; 0: the right one */
/* One program with one comment more.  r: where. */
void edit_source(text_t *out, const program_t *p, const comment_t *c, const char *words, rng_t *r);

/* question.c, question_file.c - what a model is asked (input/questions.conf)
   ------------------------------------------------------------------------------ */

typedef struct question question_t;
/* Where the deck's prompt.question is auto: deck_set to what suits the model in dir, brief where `aletheia init` made
   it, else full. */
void        question_decide(deck_t *d, const char *dir);
/* prompt.question of the deck, auto decided in the same way (dir NULL: full); t NULL: opened where it is needed.
   CODE_USAGE with file and line */
question_t *question_open(const deck_t *d, const char *dir, const tokenizer_t *t);
question_t *question_named(const char *name);        /* a row */
void        question_free(question_t *q);            /* NULL is allowed */
void        question_say(const question_t *q, text_t *out);

/* template.c, template_system.c, template_file.c, conf.c - how a model wants to be asked (input/templates.conf)
   ------------------- */

typedef enum { MODE_INSTRUCT, MODE_THINK } answer_mode_t;
typedef struct {
    question_t *question;            /* what stands in it: prompt.question of the deck */
    char   *name, *why;              /* its row's or file's; how it was chosen, in words */
    char   *head, *tail[2];          /* text before the question; after it, by mode, with the assistant's turn opened */
    char   *system;                  /* the system message in head; NULL: none */
    int     trim;                    /* white space around the question goes */
    int32_t stop[8]; int n_stop;     /* tokens that end an answer; -1 without a tokenizer */
    char   *stop_text[8];            /* the first ends written answers; NULL: an ordinary token */
} template_t;
/* [prompt] of the deck for the model in dir; CODE_USAGE or CODE_DATA where it cannot be decided or does not suit the
   tokenizer.  dir and t NULL: the frame alone, {bos} and {eos} left as they are written. */
template_t *template_open(const deck_t *d, const char *dir, const tokenizer_t *t);
/* the same; NULL where auto cannot decide */
template_t *template_try(const deck_t *d, const char *dir, const tokenizer_t *t);
template_t *template_named(const char *name);        /* a row without a model, which asks briefly */
void        template_free(template_t *t);            /* NULL is allowed */
void        template_say(const template_t *t, text_t *out);          /* one line, without its newline */

/* prompt.c, trace.c, answer.c
   ------------------------------------------------------------------------------------------ */

/* special tokens as text */
void prompt_text(text_t *out, const template_t *t, const bank_t *b, const list_t *l, answer_mode_t mode);
/* A right answer in the demanded shape, ends with the stop token's text. */
void trace_text(text_t *out, const template_t *t, const bank_t *b, const list_t *l, answer_mode_t mode);
/* the same verdicts and box, without any working */
void trace_brief_text(text_t *out, const template_t *t, const list_t *l, answer_mode_t mode);
/* The letter's index in the first box after the last closing think tag (thinking: there must be one), or -1
   (unparseable for n candidates). */
int  answer_parse(const char *text, size_t len, int n, answer_mode_t mode);
/* 1: the completion as a whole has the demanded shape */
int  answer_format(const char *text, size_t len, int n, answer_mode_t mode, const template_t *t);

/* corpus.c - prompts and answers of freshly drawn (unexecuted) problems: text to train a tokenizer on, a few MB. */
void corpus_text(text_t *out, const deck_t *d);

/* reward.c ------------------------------------------------------------------------------------------

   total = correctness {0,1} + format {0,-1} + overlong [-1,0]: 0 up to max_tokens - overlong_cache tokens, then
   falling linearly to -1 at max_tokens; overlong_cache 0: none.  A truncated completion has no answer (-1). */

typedef struct { float total, correct, format, overlong; int answer; } reward_t;
reward_t reward_of(const char *text, size_t len, int n_token, const list_t *l, answer_mode_t mode, const template_t *t,
                   int max_tokens, int overlong_cache, int truncated);
