/* hf.c - the weight files of a model directory.  Inside floor 4 only. */
#pragma once
#include "io.h"

typedef struct {
    safetensors_t **file;
    char **name;
    int n, cap, cap_name;
} shards_t; /* {0} before shards_open */

int hf_has_weights(const char *dir); /* one file of them, or an index */
void shards_open(shards_t *s, const char *dir);
void shards_close(shards_t *s);
/* Where the tensor is: its file and, in *at, its index there; -1: nowhere; CODE_DATA: in two
   files. */
int shards_find(const shards_t *s, const char *dir, const char *name, int *at);
/* hf_config.c */
void hf_config_path(const char *dir, text_t *path); /* dir itself if it is a file */
/* what config.json says of the weights; float32 if nothing */
dtype_t hf_config_type(const char *dir);

safetensors_item_t hf_item(const param_t *p); /* name and shape as in files, float32 */
