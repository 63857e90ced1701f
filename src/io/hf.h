/* hf.c, hf_special.c - the weight files and special tokens of a model directory.  Inside floor 4 only. */
#pragma once
#include "field.h"

typedef struct {
    safetensors_t **file;
    char **name;
    int n, cap, cap_name;
} shards_t; /* {0} before shards_open */

int hf_has_weights(const char *dir); /* one file of them, or an index */
void shards_open(shards_t *s, const char *dir);
void shards_close(shards_t *s);
/* Where a tensor of the model stands. */
typedef struct {
    const param_t *t;
    int file, at;
    int64_t place;
} found_t;
/* hf_missing.c: that this file is not there, and what to do with what is; appended */
enum { HF_CONFIG, HF_TOKENIZER, HF_WEIGHTS };
void hf_missing(const char *dir, int of, text_t *out);
/* hf_match.c: f[p->n] in the order of the files; what does not fit is added to r */
void shards_match(const shards_t *s, const char *dir, const model_config_t *c, const params_t *p,
                  found_t *f, refusals_t *r);
/* Where the tensor is: its file and, in *at, its index there; -1: nowhere; CODE_DATA: in two
   files. */
int shards_find(const shards_t *s, const char *dir, const char *name, int *at);
tokenizer_t *tokenizer_collect(const char *dir, refusals_t *r); /* NULL: what is wrong is in r */
void hf_special_read(const char *dir, hf_chat_t *c); /* hf_special.c: bos, eos and their numbers */
/* hf_config.c, hf_rope.c */
/* what is wrong is added to r; then *c is of no use */
void hf_config_collect(const char *dir, model_config_t *c, refusals_t *r);
void hf_rope_read(const field_t *f, model_config_t *c);
void hf_config_path(const char *dir, text_t *path); /* dir itself if it is a file */
/* what config.json says of the weights; float32 if nothing */
dtype_t hf_config_type(const char *dir);

safetensors_item_t hf_item(const param_t *p); /* name and shape as in files, float32 */
