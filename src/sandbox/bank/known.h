/* Inside floor 5: what grade_bank.c and journal.c share with known.c. */
#pragma once
#include "keymap.h"
#include "sandbox/wire.h"

typedef struct journal journal_t;
typedef struct {
    hash_t key;
    said_t said;  /* its message is this item's */
    char *output; /* NULL: a verdict only */
    size_t n_output;
} known_item_t;

struct known {
    keymap_t place; /* key -> index in item */
    known_item_t *item;
    int n, cap;
    journal_t *journal; /* NULL: none */
    int keep;           /* learned records are kept for known_save */
    text_t learned;
};

static inline said_t said_of(const verdict_t *v)
{
    return (said_t){v->verdict, v->mode, v->time_us, v->memory_kb, v->scored, v->score, v->message};
}

int known_is_answer(int64_t verdict); /* not none, skipped, fault */

/* collective(g): everything that the journals at BASE and BASE-* hold is appended to `records`, the
   same on every rank; they are made one file, BASE.  Nothing is written before the first
   journal_put. */
journal_t *journal_open(group_t *g, const char *base, text_t *records);
/* one record; there after a SIGKILL.  local */
void journal_put(journal_t *j, const char *bytes, size_t n);
/* there after a power failure; at most every few seconds.  local */
void journal_sync(journal_t *j);
void journal_remove(journal_t *j, group_t *g); /* collective: all of them, on disk */
void journal_close(journal_t *j);              /* the files stay.  local */

/* Records as they travel and stand in journals; a reader skips what it cannot use. */
void known_record(text_t *t, hash_t key, const said_t *s, const char *output, size_t n_output);
void known_put_records(known_t *k, const char *records, size_t n);
