/* What execution said before, by content: the verdict store.

   In memory a table from names (verdict.c) to verdicts, with time, memory and mode, and
   what a checker said; where the run made an expected output, that too.  It is filled from

       the bank itself        by grade_bank.c
       other files            known_read (known_file.c)
       journals               what an interrupted job had executed

   and grows by what is executed now (known_learn), which is also appended to this
   rank's journal, so that a SIGKILL loses the answers still on their way and no others.

   A fault of the sandbox is no answer: it is never taken in, from wherever it comes.  A
   checker's fault is one: the same checker and the same output would only fail again.

   Records (travelling between ranks, and in journals): length, verdict, name, time,
   memory, and output, points, words where there are any.  About 100 bytes of memory a verdict; a
   million are read in a second. */
#include "known.h"
#include <string.h>

int known_is_answer(int64_t v)
{
    return v > V_NONE && v < VERDICTS && v != V_SKIPPED && v != V_FAULT;
}

known_t *known_new(void)
{
    return ALLOC(known_t, 1);
}

known_t *known_open(group_t *g, const char *journal)
{
    known_t *k = known_new();
    text_t records = {0};
    k->journal = journal_open(g, journal, &records);
    known_put_records(k, records.s, records.len);
    text_reset(&records);
    return k;
}

static void forget(known_t *k)
{
    for (int i = 0; i < k->n; i++) {
        mem_free(k->item[i].output);
        mem_free(k->item[i].said.message);
    }
    k->n = 0;
    keymap_reset(&k->place);
}

void known_free(known_t *k)
{
    if (!k)
        return;
    journal_close(k->journal);
    forget(k);
    mem_free(k->item);
    text_reset(&k->learned);
    mem_free(k);
}

void known_trim(known_t *k, int64_t most)
{
    if (k->n > most)
        forget(k);
}

int64_t known_count(const known_t *k)
{
    return k->n;
}

void known_put(known_t *k, hash_t key, const said_t *s, const char *output, size_t n_output)
{
    if (!known_is_answer(s->verdict) || keymap_claim(&k->place, key, k->n) != k->n)
        return;
    known_item_t it = {.key = key,
                       .said = *s,
                       .output = output ? bank_text(output, n_output) : NULL,
                       .n_output = output ? n_output : 0};
    it.said.message = s->message ? mem_text(s->message) : NULL;
    PUSH(k->item, k->n, k->cap, it);
}

verdict_kind_t known_get(const known_t *k, hash_t key, said_t *said)
{
    int64_t at = keymap_find(&k->place, key);
    if (at < 0)
        return V_NONE;
    if (said)
        *said = k->item[at].said;
    return k->item[at].said.verdict;
}

const char *known_output(const known_t *k, hash_t key, size_t *n)
{
    int64_t at = keymap_find(&k->place, key);
    *n = at < 0 ? 0 : k->item[at].n_output;
    return at < 0 ? NULL : k->item[at].output;
}

/* records ---------------------------------------------------------------------------- */

enum { HAS_OUTPUT = 1 << 16, HAS_SCORE = 1 << 17, HAS_WORDS = 1 << 18 };

/* The first word: the verdict, from bit 8 on the mode, from bit 16 on what follows. */
void known_record(text_t *t, hash_t key, const said_t *s, const char *output, size_t n_output)
{
    text_t r = {0};
    wire_put_i64(&r, s->verdict | (int64_t)s->mode << 8 | (output ? HAS_OUTPUT : 0) |
                         (s->scored ? HAS_SCORE : 0) | (s->message ? HAS_WORDS : 0));
    wire_put_i64(&r, (int64_t)key.lo);
    wire_put_i64(&r, (int64_t)key.hi);
    wire_put_i64(&r, s->time_us);
    wire_put_i64(&r, s->memory_kb);
    if (output)
        wire_put_bytes(&r, output, n_output);
    if (s->scored)
        wire_put_f64(&r, s->score);
    if (s->message)
        wire_put_bytes(&r, s->message, strlen(s->message));
    wire_put_bytes(t, r.s, r.len);
    text_reset(&r);
}

void known_put_records(known_t *k, const char *records, size_t n)
{
    wire_in_t all = {.p = records, .n = n};
    while (all.at < all.n && !all.bad) {
        size_t len, n_output = 0;
        const char *one = wire_bytes(&all, &len);
        wire_in_t r = {.p = one, .n = len};
        int64_t word = wire_i64(&r), mode = word >> 8 & 255;
        hash_t key;
        key.lo = (uint64_t)wire_i64(&r);
        key.hi = (uint64_t)wire_i64(&r);
        said_t s = {.verdict = (verdict_kind_t)(word & 255),
                    .mode = mode > 0 && mode < IN_MODES ? (sandbox_mode_t)mode : IN_UNKNOWN};
        s.time_us = wire_i64(&r);
        s.memory_kb = wire_i64(&r);
        const char *output = word & HAS_OUTPUT ? wire_bytes(&r, &n_output) : NULL;
        s.scored = (word & HAS_SCORE) != 0;
        s.score = s.scored ? wire_f64(&r) : 0;
        s.message = word & HAS_WORDS ? (char *)wire_bytes(&r, &len) : NULL;
        if (!all.bad && !r.bad)
            known_put(k, key, &s, output, n_output);
    }
}

void known_learn(known_t *k, text_t *out, hash_t key, const said_t *s, const char *output,
                 size_t n_output)
{
    if (!known_is_answer(s->verdict) || keymap_find(&k->place, key) >= 0)
        return;
    known_put(k, key, s, output, n_output);
    size_t from = out->len;
    known_record(out, key, s, output, n_output);
    if (k->journal)
        journal_put(k->journal, out->s + from, out->len - from);
    if (k->keep)
        text_addn(&k->learned, out->s + from, out->len - from);
}

void known_sync(known_t *k)
{
    if (k->journal)
        journal_sync(k->journal);
}

void known_done(known_t *k, group_t *g)
{
    if (k->journal)
        journal_remove(k->journal, g);
    text_clear(&k->learned);
}

void known_keep(known_t *k)
{
    k->keep = 1;
    for (int i = 0; i < k->n; i++) /* those of the journals are in no file yet */
        known_record(&k->learned, k->item[i].key, &k->item[i].said, k->item[i].output,
                     k->item[i].n_output);
}
