/* Inside floor 5: from a source to something that runs (toolchain.c, compile.c, compile_words.c,
   bundle.c, java.c, prefix.c, share.c). */
#pragma once
#include "sandbox/box/box.h"

/* filled in, message appended to */
typedef struct {
    int verdict;
    const char *subcode;
    text_t *message;
} failed_t;
/* toolchain.c: the row, with its tool-chain looked for; ->here says whether programs can be run. */
language_t *toolchain(box_t *b, lang_t lang);
int toolchain_path(const char *word, char *out, size_t cap); /* 0: no such program */
void toolchain_variables(const language_t *l, line_t *out);  /* of the environment */
/* compile.c */
/* a file in the scratch; 0: did not fit */
int compile_put(box_t *b, const char *name, const char *s, size_t n);
/* The row's compiler on file[0], which lies in the scratch; further names are added to its line,
   NULL ends them.  prefix: folder with prefix.h.gch, or -1. */
void compile_run(box_t *b, const language_t *l, const limits_t *given, int prefix,
                 const char *const *file, guest_t *r);
/* compile_words.c; kept: why nothing could be kept of a compilation that went well */
void compile_failure(const guest_t *r, const text_t *kept, failed_t *why);
/* bundle.c: what is kept of it */
typedef struct { /* what is compiled; views */
    /* harness: main file that includes the source's, testlib.h; NULL: none */
    const char *source, *harness, *testlib;
    size_t n_source, n_harness, n_testlib;
    const char *start; /* a row's checker_file; NULL: it is no checker, or needs none */
    text_t *why;       /* why nothing could be kept */
} compiling_t;
enum { NOTHING_LEFT = -1, OUR_FAILURE = -2 };
/* a descriptor, or one of these */
int bundle_keep(box_t *b, const language_t *l, const compiling_t *c);
int bundle_is_single(const language_t *l); /* it is one file that is executed */
int bundle_place(box_t *b, int fd);        /* its files in the scratch; 0: could not */
void bundle_class(int fd, text_t *out);    /* the class to be started */
/* java.c */
enum { JAVA_TYPES = 64 };
typedef struct {
    const char *type[JAVA_TYPES];
    size_t length[JAVA_TYPES];
    int n, named;
} java_source_t; /* names lie in the
                                        source; named: the public one's number from 1, 0: none */
void java_source(const char *s, size_t n, java_source_t *out);
/* a file's name becomes what javac wants */
void java_file(const java_source_t *j, char *name, size_t cap);
/* smaller is better; 0: not of these, and only they count */
int java_order(const java_source_t *j, const char *class, int only);
/* a class file's main: 0 none, 2 better than 1; its name */
int java_main(const void *file, size_t size, char *class, size_t cap);
/* prefix.c: what may be precompiled of a source: the standard includes on top, one a line; 0:
   none. */
int prefix_of(const char *s, size_t n, text_t *out);
/* -1: compile it plainly */
int prefix_folder(box_t *b, const language_t *l, const char *s, size_t n);
/* share.c: what launchers of a keeper make for each other */
enum { SHARE_PROGRAM, SHARE_PREFIX };
enum { SHARE_MAKE, SHARE_TAKE, SHARE_FAILED, SHARE_NOT_NOW };
int share_ask(box_t *b, int kind, hash_t key, int after, int *fd, failed_t *why);
/* why NULL: good, fd */
void share_made(box_t *b, int kind, hash_t key, int fd, const failed_t *why);
void share_found(box_t *b, lang_t lang); /* the keeper tells later launchers */
