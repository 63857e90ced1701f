/* config.json of a Hugging Face model directory: Qwen2ForCausalLM, Qwen3ForCausalLM and
   LlamaForCausalLM.

   What a field means and what it is when absent follow the configuration classes of
   `transformers`: kv heads default to heads (32 in Qwen's classes), head_dim to
   hidden_size / heads (128 in Qwen3), rms_norm_eps to 1e-6, tie_word_embeddings to false,
   max_position_embeddings to 32768 (Qwen) or 2048 (Llama); rotary positions: hf_rope.c.
   A layer slides if layer_types says so or, without it, in Qwen's classes from
   max_window_layers on, and only with use_sliding_window.

   Every field at the top is either read, known not to change what the model computes, or
   must have the one value with which it does not: hf_fields.def, made from what those
   classes can write.  Any other field is refused by name, since it may change the function:
   better no answer than another model's.  A field that is not read may hold anything.

   What is wrong does not end the reading: each step that fails leaves its message, those
   that need it are left out, and all messages come together.  local */
#include "field.h"
#include "io/hf.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int among(const char *key, const char *const *list)
{
    for (; *list; list++)
        if (!strcmp(key, *list))
            return 1;
    return 0;
}

/* The fields ------------------------------------------------------------------------- */

typedef enum { READ, HARMLESS, ONLY } what_t;
static const struct {
    const char *name;
    what_t what;
    double only;
    const char *why;
} fields[] = {
#define FIELD(name, what, only, why) {name, what, only, why},
#include "hf_fields.def"
#undef FIELD
};

/* Zero is also false and anything empty, one also true. */
static int is_only(const json_t *v, double want)
{
    if (json_is_boolean(v))
        return json_is_true(v) == (want != 0);
    if (json_is_number(v))
        return json_number_value(v) == want;
    return want == 0 && (json_is_string(v)  ? !json_string_length(v)
                         : json_is_array(v) ? !json_array_size(v)
                                            : !json_object_size(v));
}

static void check_fields(const field_t *f, refusals_t *r)
{
    const char *key;
    json_t *v;
    json_object_foreach ((json_t *)f->o, key, v) {
        size_t i = 0, n = sizeof fields / sizeof *fields;
        while (i < n && strcmp(fields[i].name, key))
            i++;
        if (json_is_null(v) || (i < n && fields[i].what != ONLY))
            continue;
        if (i == n)
            refusals_add(r,
                         "%s: field %.200s: is not known here and may change what the model "
                         "computes; if it does not, remove it from a copy of the directory",
                         f->file, key);
        else if (!is_only(v, fields[i].only))
            refusals_add(r,
                         "%s: field %s: this value changes the model's function (%s); only %g is "
                         "supported",
                         f->file, key, fields[i].why, fields[i].only);
    }
}

/* Sliding layers --------------------------------------------------------------------- */

static void set_slides(model_config_t *c, int layer)
{
    c->slides[layer / 64] |= (uint64_t)1 << layer % 64;
}

static void read_layer_types(const field_t *f, model_config_t *c)
{
    const json_t *types = field_array(f, "layer_types"), *item;
    size_t i;
    if (c->layers && json_array_size(types) != (size_t)c->layers)
        field_bad(f, "layer_types", "%zu entries for %d layers", json_array_size(types), c->layers);
    json_array_foreach (types, i, item) {
        const char *s = json_is_string(item) ? json_string_value(item) : "";
        if (!strcmp(s, "sliding_attention"))
            set_slides(c, (int)i);
        else if (strcmp(s, "full_attention"))
            field_bad(f, "layer_types",
                      "layer %zu: full_attention or sliding_attention was expected", i);
    }
}

static void read_window(const field_t *f, model_config_t *c, int qwen)
{
    int use = qwen ? field_flag_or(f, "use_sliding_window", 0) : 0, any = 0;
    use &= !json_is_null(json_object_get(f->o, "sliding_window")); /* null, unlike absent: none */
    int window = (int)field_int_or(f, "sliding_window", 1, 1 << 30, qwen ? 4096 : 0);
    if (!qwen && field_get(f, "sliding_window"))
        field_bad(f, "sliding_window",
                  "only null is supported: this architecture has no sliding layers");
    int from = (int)field_int_or(f, "max_window_layers", 0, 1 << 16, 28);
    if (field_get(f, "layer_types"))
        read_layer_types(f, c);
    else
        for (int l = from; use && l < c->layers; l++)
            set_slides(c, l);
    for (int l = 0; l < c->layers; l++)
        any |= c->slides[l / 64] >> l % 64 & 1;
    if (any && !use)
        field_bad(
            f, "layer_types",
            "names sliding layers, but use_sliding_window is not true or sliding_window is null");
    c->window = any ? window : 0;
}

/* All of it -------------------------------------------------------------------------- */

static void read_architecture(const field_t *f, model_config_t *c)
{
    static const char *const known[] = {"Qwen2ForCausalLM", "Qwen3ForCausalLM", "LlamaForCausalLM",
                                        NULL};
    const json_t *list = field_array(f, "architectures");
    const char *arch =
        json_array_size(list) == 1 ? json_string_value(json_array_get(list, 0)) : NULL;
    if (!arch)
        field_bad(f, "architectures", "one name was expected");
    if (!among(arch, known))
        field_bad(
            f, "architectures",
            "%s is not supported; known are Qwen2ForCausalLM, Qwen3ForCausalLM and LlamaForCausalLM",
            arch);
    snprintf(c->arch, sizeof c->arch, "%s", arch);
}

/* One step of the reading. */
typedef struct {
    field_t f;
    model_config_t *c;
    int qwen, qwen3;
} config_in_t;

static void step_architecture(void *ctx)
{
    config_in_t *in = ctx;
    read_architecture(&in->f, in->c);
}

static void step_act(void *ctx)
{
    config_in_t *in = ctx;
    const char *act = field_text_or(&in->f, "hidden_act", "silu");
    if (strcmp(act, "silu") && strcmp(act, "swish"))
        field_bad(&in->f, "hidden_act", "%s is not supported; only silu is", act);
}

static void step_quantised(void *ctx)
{
    config_in_t *in = ctx;
    if (field_get(&in->f, "quantization_config"))
        field_bad(&in->f, "quantization_config", "quantised weights are not supported");
}

static void step_attention_bias(void *ctx)
{
    config_in_t *in = ctx;
    if (field_flag_or(&in->f, "attention_bias", 0))
        field_bad(&in->f, "attention_bias",
                  "true is not supported: this model has no bias on o_proj");
}

static void step_mlp_bias(void *ctx)
{
    config_in_t *in = ctx;
    if (field_flag_or(&in->f, "mlp_bias", 0))
        field_bad(&in->f, "mlp_bias", "true is not supported");
}

static void step_vocab(void *ctx)
{
    config_in_t *in = ctx;
    in->c->vocab = (int)field_int(&in->f, "vocab_size", 1, 1 << 24);
}

static void step_width(void *ctx)
{
    config_in_t *in = ctx;
    in->c->width = (int)field_int(&in->f, "hidden_size", 1, 1 << 20);
}

static void step_ffn(void *ctx)
{
    config_in_t *in = ctx;
    in->c->ffn = (int)field_int(&in->f, "intermediate_size", 1, 1 << 24);
}

static void step_layers(void *ctx)
{
    config_in_t *in = ctx;
    in->c->layers = (int)field_int(&in->f, "num_hidden_layers", 1, LAYERS_MAX);
}

static void step_heads(void *ctx)
{
    config_in_t *in = ctx;
    in->c->heads = (int)field_int(&in->f, "num_attention_heads", 1, 1 << 16);
}

static void step_kv_heads(void *ctx)
{
    config_in_t *in = ctx;
    /* unlike absent: as many as heads */
    int null = json_is_null(json_object_get(in->f.o, "num_key_value_heads"));
    in->c->kv_heads = (int)field_int_or(&in->f, "num_key_value_heads", 1, 1 << 16,
                                        in->qwen && !null ? 32 : in->c->heads);
}

static void step_head_dim(void *ctx)
{
    config_in_t *in = ctx;
    model_config_t *c = in->c;
    int said = field_get(&in->f, "head_dim") != NULL;
    if (!said && !in->qwen3 && c->heads && c->width % c->heads)
        field_bad(&in->f, "hidden_size",
                  "%d is no multiple of num_attention_heads %d, and there is no head_dim", c->width,
                  c->heads);
    int otherwise = in->qwen3 ? 128 : c->heads ? c->width / c->heads : 0;
    c->head_dim = (int)field_int_or(&in->f, "head_dim", 1, 1 << 16, otherwise);
}

static void step_positions(void *ctx)
{
    config_in_t *in = ctx;
    in->c->max_position =
        (int)field_int_or(&in->f, "max_position_embeddings", 1, 1 << 24, in->qwen ? 32768 : 2048);
}

static void step_eps(void *ctx)
{
    config_in_t *in = ctx;
    in->c->rms_eps = (float)field_real_or(&in->f, "rms_norm_eps", 1e-6);
}

static void step_tied(void *ctx)
{
    config_in_t *in = ctx;
    in->c->tied = field_flag_or(&in->f, "tie_word_embeddings", 0);
}

static void step_rope(void *ctx)
{
    config_in_t *in = ctx;
    hf_rope_read(&in->f, in->c);
}

static void step_window(void *ctx)
{
    config_in_t *in = ctx;
    read_window(&in->f, in->c, in->qwen);
}

static void parse(const field_t *f, model_config_t *c, refusals_t *r)
{
    static void (*const steps[])(void *) = {step_vocab,    step_width,     step_ffn,
                                            step_layers,   step_heads,     step_kv_heads,
                                            step_head_dim, step_positions, step_eps,
                                            step_tied,     step_rope,      step_window,
                                            step_act,      step_quantised, step_attention_bias,
                                            step_mlp_bias};
    config_in_t in = {.f = *f, .c = c};
    int before = r->n;
    memset(c, 0, sizeof *c);
    int unknown = refusals_try(r, step_architecture, &in);
    in.qwen3 = c->qk_norm = !strcmp(c->arch, "Qwen3ForCausalLM");
    c->qkv_bias = !strcmp(c->arch, "Qwen2ForCausalLM");
    in.qwen = c->qk_norm || c->qkv_bias;
    for (size_t i = 0; i < sizeof steps / sizeof *steps && !unknown; i++)
        refusals_try(r, steps[i], &in);
    if (!unknown)
        check_fields(f, r);
    if (r->n > before)
        return;
    text_t why = {0};
    const char *bad = model_config_check(c, &why);
    if (bad)
        refusals_add(r, "%s: %s", f->file, bad);
    text_reset(&why);
}

void hf_config_path(const char *dir, text_t *path)
{
    struct stat st;
    text_addf(path, "%s%s", dir, !stat(dir, &st) && S_ISREG(st.st_mode) ? "" : "/config.json");
}

dtype_t hf_config_type(const char *dir)
{
    text_t path = {0};
    hf_config_path(dir, &path);
    field_t f = field_file(path.s);
    const char *type = field_text_or(&f, "dtype", field_text_or(&f, "torch_dtype", "float32"));
    dtype_t t = dtype_of(type, F32);
    field_close(f);
    text_reset(&path);
    return t;
}

typedef struct {
    const char *path;
    field_t root;
} file_in_t;

static void step_file(void *ctx)
{
    file_in_t *in = ctx;
    in->root = field_file(in->path);
}

void hf_config_collect(const char *dir, model_config_t *c, refusals_t *r)
{
    text_t path = {0};
    hf_config_path(dir, &path);
    file_in_t in = {.path = path.s};
    struct stat st;
    if (stat(path.s, &st) && errno == ENOENT) {
        text_clear(&path);
        hf_missing(dir, HF_CONFIG, &path);
        refusals_add(r, "%s", path.s);
    } else if (!refusals_try(r, step_file, &in)) {
        parse(&in.root, c, r);
        field_close(in.root);
    }
    text_reset(&path);
}

void hf_config_read(const char *dir, model_config_t *c)
{
    refusals_t r = {0};
    hf_config_collect(dir, c, &r);
    refusals_end(&r, dir);
}

void hf_config_parse(const char *name, const char *json, model_config_t *c)
{
    refusals_t r = {0};
    field_t root = field_parse(name, json, strlen(json));
    parse(&root, c, &r);
    field_close(root);
    refusals_end(&r, name);
}
