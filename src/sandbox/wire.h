/* Inside floor 5: bytes between a rank, its keeper, the launchers and grader ranks. */
#pragma once
#include "sandbox.h"

enum {
    MSG_CONFIG = 1,
    MSG_INFO,
    MSG_JOB,
    MSG_DONE,
    MSG_READY,
    MSG_PLACE,
    MSG_PING,
    MSG_PONG,
    MSG_BREED,
    MSG_CANCEL,
    MSG_COUNT,
    MSG_BEAT,
    MSG_ASK,
    MSG_TELL,
    MSG_MADE,
    MSG_FOUND
};
#define TICKET_REPORT INT64_MIN /* + lang_t: not a program, a report of the tool-chain is wanted */
/* no program either: whether its calls are sound tests; output[i]: why not */
#define TICKET_CALLS (TICKET_REPORT + LANG_MOST)
enum { LANG_MOST = 32 }; /* languages of a table: those of lang_t, and names of one's own */

/* Reading never runs past the end: `bad` is set instead and zeros come back. */
typedef struct {
    const char *p;
    size_t n, at;
    int bad;
} wire_in_t;

void wire_put_i64(text_t *t, int64_t x);
void wire_put_f64(text_t *t, double x);
void wire_put_bytes(text_t *t, const char *p, size_t n);
int64_t wire_i64(wire_in_t *w);
double wire_f64(wire_in_t *w);
const char *wire_bytes(wire_in_t *w, size_t *n); /* a view; followed by a NUL in the stream */

void wire_put_limits(text_t *t, const limits_t *l);
limits_t wire_limits(wire_in_t *w);
/* with_ticket 0 gives the content alone: what the work is, for hashing. */
void wire_put_job(text_t *t, const job_t *j, int with_ticket);
/* views into w; wire_job_reset frees the arrays; 0: damaged */
int wire_job(wire_in_t *w, job_t *j);
void wire_job_reset(job_t *j);
void wire_put_done(text_t *t, const done_t *d);
done_t *wire_done(wire_in_t *w); /* NULL: damaged */
done_t *wire_fault(int64_t ticket, int n_test, const char *subcode, const char *why);

/* Frames on a stream socket: {int64 bytes, int64 kind} and the payload. */
typedef struct {
    int fd;
    text_t in, out;
    size_t in_at, out_at;
    int closed;
} pipe_end_t;
void frame_put(pipe_end_t *e, int kind, const text_t *payload);
void frame_pump(pipe_end_t *e, int readable); /* what goes without blocking */
/* 1: a whole frame; the view lives until the next pump */
int frame_get(pipe_end_t *e, int *kind, wire_in_t *w);
int frame_waiting(const pipe_end_t *e); /* bytes still to be written */
void frame_reset(pipe_end_t *e);        /* closes and frees */

/* The one static text equal to s ("" if unknown): outcomes hold these only. */
const char *subcode_text(const char *s);
