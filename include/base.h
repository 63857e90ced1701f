/* Floor 0: what every other floor stands on.  Knows neither MPI nor a model.

   Rules of this floor: memory is counted (an unbalanced exit fails the tests), random numbers
   are a pure function of their key, and there is one way to fail. */
#pragma once
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* fail.c - the end of a run ---------------------------------------------------------------- */

enum {                       /* exit codes of every verb, documented in docs/runs.md          */
    CODE_DONE  = 0,
    CODE_USAGE = 2,          /* command line or deck                                          */
    CODE_DATA  = 3,          /* an input file is missing, damaged or of another kind          */
    CODE_FIT   = 4,          /* does not fit into memory or disk                              */
    CODE_FAULT = 70,         /* ours: a bug, a broken sandbox, a failed system call           */
    CODE_AGAIN = 75          /* saved at a safe point; run the same command again             */
};

/* Ends this process (and, through the hook that comm installs, every rank) with `code` and one
   message on stderr.  Codes other than CODE_FAULT are the user's to mend: no file:line shown.  */
#define fail(code, ...) fail_at(__FILE__, __LINE__, (code), __VA_ARGS__)
_Noreturn void fail_at(const char *file, int line, int code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* run(ctx), for what reads one file of many, on one rank alone: 0; 1: it failed with CODE_DATA, whose message is
   appended to why (a text_t), and what it held until then is lost.  Any other failure ends the program. */
struct text_t;
int fail_try(void (*run)(void *ctx), void *ctx, struct text_t *why);
/* The same for whatever is the user's to mend: 0, or the code that it failed with.  Who gets one says so and ends the
   program; run calls no collective. */
int fail_catch(void (*run)(void *ctx), void *ctx, struct text_t *why);

/* The hook is called after the message was printed and should not return. */
void fail_set_hook(void (*hook)(int code));
void fail_set_rank(int rank);                /* ranks other than 0 let rank 0 speak first */
/* On such a rank, after fail_set_hook: 1: rank 0 has failed too, and says why; 0: it has not, within some seconds. */
void fail_set_said(int (*said)(void));
_Noreturn void fail_quietly(int code);       /* as fail, where another rank says why */
void fail_remove(const char *path);          /* this file goes when this process fails (up to 4 of them) ... */
void fail_keep(const char *path);            /* ... no longer */
void fail_on_signals(void);                  /* SIGINT, SIGTERM, SIGHUP remove those files too; the first is said */

/* Programmer's error.  Always on: cheap checks only. */
#define ASSERT(c) ((c) ? (void)0 : fail(CODE_FAULT, "assertion failed: %s", #c))

/* mem.c - counted allocation ----------------------------------------------------------------- */

/* Zeroed, 64-byte aligned memory for n items; fails with CODE_FIT instead of returning NULL.  */
#define ALLOC(type, n) ((type *)mem_new((size_t)(n) * sizeof(type)))
void  *mem_new(size_t bytes);
void  *mem_grow(void *p, size_t bytes);      /* like realloc; new bytes are not zeroed; p may be NULL */
void   mem_free(void *p);                    /* NULL is allowed */
char  *mem_text(const char *text);           /* a copy, caller frees with mem_free */
size_t mem_live(void);                       /* bytes now held; 0 at a clean exit */
size_t mem_peak_rss(void);                   /* VmHWM of this process, bytes */
size_t mem_available(void);                  /* MemAvailable of this machine, bytes */

/* Arrays that grow: PUSH(ptr, n, cap, value) appends and doubles cap when full. */
#define PUSH(ptr, n, cap, value)                                                               \
    do {                                                                                       \
        if ((n) == (cap)) {                                                                    \
            (cap) = (cap) ? 2 * (cap) : 16;                                                    \
            (ptr) = mem_grow((ptr), (size_t)(cap) * sizeof *(ptr));                            \
        }                                                                                      \
        (ptr)[(n)++] = (value);                                                                \
    } while (0)

/* text.c - strings that grow, always NUL-terminated; may hold any bytes -------------------- */

typedef struct text_t { char *s; size_t len, cap; } text_t;        /* {0} is a valid empty text */
void text_add(text_t *t, const char *s);
void text_addn(text_t *t, const char *s, size_t n);
void text_addf(text_t *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void text_clear(text_t *t);                  /* length 0, memory kept */
void text_reset(text_t *t);                  /* frees the memory */
int  text_in_dir(const char *dir, const char *name);         /* is there a file or folder dir/name? */
int  text_read_file(text_t *t, const char *path);           /* appends; 0, or errno */
int  text_write_file(const char *path, const char *s, size_t n);  /* aside, fsync, rename; 0 or errno */

/* rng.c - counter-based random numbers (Philox 4x32-10, Salmon et al., SC'11) -------------- */

/* A stream is a pure function of (seed, a, b, c): the same on every rank and thread count.
   Convention: a = what it is for (an RNG_ constant), b = step, c = item.                      */
enum { RNG_INIT = 1, RNG_PROBLEM, RNG_PROGRAM, RNG_LIST, RNG_ORDER, RNG_SAMPLE, RNG_EVAL,
       RNG_BOOTSTRAP, RNG_SFT, RNG_TEST, RNG_KEEP, RNG_PAIR, RNG_COLLECT, RNG_CHOICE, RNG_EDIT };
typedef struct { uint32_t key[2], ctr[4], out[4]; int left; } rng_t;
rng_t    rng_make(uint64_t seed, uint32_t a, uint64_t b, uint64_t c);
uint32_t rng_u32(rng_t *r);
double   rng_uniform(rng_t *r);              /* [0,1), 32 bits */
int      rng_below(rng_t *r, int n);         /* 0..n-1, unbiased */
void     rng_belows(rng_t *r, int n, int *item, int many);   /* as many calls of rng_below, several times as fast */
double   rng_normal(rng_t *r);
void     rng_shuffle(rng_t *r, int *items, int n);
/* One uniform number by position, without a stream: what the sampler uses. */
float    rng_at(uint64_t seed, uint32_t a, uint64_t b, uint64_t c, uint32_t position);

/* hash.c - XXH3-128 ------------------------------------------------------------------------- */

typedef struct { uint64_t lo, hi; } hash_t;
hash_t hash_bytes(const void *p, size_t n);
hash_t hash_more(hash_t h, const void *p, size_t n);        /* chained: H(h, bytes) */
int    hash_file(hash_t *h, const char *path);               /* of a file's bytes; 0, or errno */
int    hash_equal(hash_t a, hash_t b);
void   hash_hex(hash_t h, char out[33]);

/* log.c - rank 0 speaks ----------------------------------------------------------------------- */

void log_set_rank(int rank);                 /* others than 0 are silent */
void log_open(const char *path);             /* also append every line to this file (rank 0) */
void log_close(void);
void log_line(const char *fmt, ...) __attribute__((format(printf, 1, 2)));  /* adds the newline */
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));  /* stderr and file */
int  log_is_terminal(void);                  /* is stdout (of mpirun, where that started us) one? */
/* A bar that rewrites itself, only where stdout is a terminal; done >= total ends it. */
void log_bar(const char *what, double done, double total);

/* lock.c - one job at a time on a file ------------------------------------------------------------ */

typedef struct lock lock_t;
/* Makes PATH.lock.  Held by another: fails with CODE_DATA and says who, where and since when; one whose holder has
   ended is taken over.  local: one process of a job takes it. */
lock_t *lock_take(const char *path);
void    lock_release(lock_t *l);             /* NULL is allowed */

/* clock.c ------------------------------------------------------------------------------------- */

double clock_now(void);                      /* monotonic seconds */

/* stop.c - the wish to stop: SIGUSR1, SIGTERM, or a file ---------------------------------------- */

void stop_install(void);                     /* catch the signals in this process */
void stop_watch_file(const char *path);      /* also stop when this file exists; NULL: no file */
void stop_ask(void);                         /* as if this process had been signalled */
int  stop_asked(void);                       /* this process was asked; sticky; cheap enough for each decode step */

/* deck.c, deck_keys.c - input decks ---------------------------------------------------------------

   [section] / key = value / # comment.  include/keys.def is the one table of all keys.  Overrides
   "section.key=value" replace what the file says.  Unknown key, wrong type, out of range: fail
   with CODE_USAGE, file:line, what was expected and the nearest valid key. */

typedef struct deck deck_t;
/* The syntax of decks, for other tables as well: calls `on` for each key = value; `where` is "source:line", for
   complaints.  What is neither [section], key = value nor # comment ends in CODE_USAGE. */
typedef void (*deck_line_t)(void *user, const char *where, const char *section, const char *name, const char *value);
void    deck_lines(const char *source, const char *text, deck_line_t on, void *user);
deck_t *deck_open(const char *path, int n_overrides, char **overrides);  /* path NULL: defaults only */
deck_t *deck_parse(const char *name, const char *text, int n_overrides, char **overrides);
void    deck_free(deck_t *d);
const char *deck_name(const deck_t *d);      /* the file's base name without .in; borrowed */
int64_t     deck_int(const deck_t *d, const char *key);      /* key is "section.name" */
double      deck_real(const deck_t *d, const char *key);
int         deck_flag(const deck_t *d, const char *key);     /* yes | no */
const char *deck_text(const deck_t *d, const char *key);     /* borrowed; also for choices */
int         deck_is_set(const deck_t *d, const char *key);   /* by the file or an override */
void        deck_set(deck_t *d, const char *key, const char *value);  /* program-made default, checked */
void        deck_write(const deck_t *d, text_t *out);        /* the effective deck, a valid deck */
/* First key whose value differs and that may not change on resume; NULL: the same run. */
const char *deck_differs(const deck_t *a, const deck_t *b);
void        deck_reference(text_t *out);                     /* input/REFERENCE.in */
void        deck_help(text_t *out, const char *verb);        /* the table of keys that a verb reads */
