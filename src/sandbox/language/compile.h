/* Inside floor 5: from a source to something that runs (toolchain.c, compile.c, prefix.c, share.c). */
#pragma once
#include "sandbox/box/box.h"

/* toolchain.c: the row, with its tool-chain looked for; ->here says whether programs can be run. */
language_t *toolchain(box_t *b, lang_t lang);
int  toolchain_path(const char *word, char *out, size_t cap);   /* 0: no such program */
void toolchain_variables(const language_t *l, line_t *out);     /* of the environment */
/* compile.c */
int  compile_put(box_t *b, const char *name, const char *s, size_t n);      /* a file in the scratch; 0: did not fit */
/* The row's compiler on the source in the scratch; prefix: folder with prefix.h.gch, or -1. */
void compile_run(box_t *b, const language_t *l, const limits_t *given, int prefix, guest_t *r);
/* prefix.c: what may be precompiled of a source: the standard includes on top, one a line; 0: none. */
int  prefix_of(const char *s, size_t n, text_t *out);
int  prefix_folder(box_t *b, const language_t *l, const char *s, size_t n);   /* -1: compile it plainly */
/* share.c: what launchers of a keeper make for each other */
enum { SHARE_PROGRAM, SHARE_PREFIX };
enum { SHARE_MAKE, SHARE_TAKE, SHARE_FAILED, SHARE_NOT_NOW };
typedef struct { int verdict; const char *subcode; text_t *message; } failed_t;    /* filled in, message appended to */
int  share_ask(box_t *b, int kind, hash_t key, int after, int *fd, failed_t *why);
void share_made(box_t *b, int kind, hash_t key, int fd, const failed_t *why);     /* why NULL: good, fd */
void share_found(box_t *b, lang_t lang);             /* the keeper tells later launchers */
