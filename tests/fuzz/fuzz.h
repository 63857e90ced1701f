/* What the fuzz targets share.  A target is one LLVMFuzzerTestOneInput; see fuzz.c for how a reader
   is run. */
#pragma once
#include "base.h"
#include <stdlib.h>
#include <string.h>

/* Runs fn(arg), a reader and the release of what it made.  0: it came back and nothing is held;
   else the code that it failed with, and what it held has been released.  Anything else (a fault of
   ours, a leak) aborts. */
int fuzz_try(void (*fn)(void *), void *arg);
/* called after a failure: what a library still holds; NULL: nothing */
extern void (*fuzz_sweep)(void);
/* The bytes as a file of that name in this process's folder; the path, and the folder. */
const char *fuzz_file(const char *name, const void *data, size_t size);
const char *fuzz_folder(void);
/* A fact about what a reader accepted. */
#define fuzz_want(c, ...) ((c) ? (void)0 : fuzz_broken(__FILE__, __LINE__, __VA_ARGS__))
_Noreturn void fuzz_broken(const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

void *sound_image(size_t *size); /* sound.c: a small problem file as bytes */

/* json.c - changes to a JSON text that leave it JSON, most of the time; the new length. */
size_t fuzz_json(uint8_t *data, size_t size, size_t max, unsigned seed);
/* one line of JSON lines is changed, doubled or taken away */
size_t fuzz_lines(uint8_t *data, size_t size, size_t max, unsigned seed);
unsigned fuzz_next(unsigned *seed); /* pseudo-random */

/* libFuzzer's */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
