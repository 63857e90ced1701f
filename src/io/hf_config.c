/* config.json of a Hugging Face model directory: Qwen2ForCausalLM, Qwen3ForCausalLM and
   LlamaForCausalLM.

   What a field means and what it is when absent follow the configuration classes of
   `transformers`: kv heads default to heads (32 in Qwen's classes), head_dim to
   hidden_size / heads (128 in Qwen3), rope_theta to 10000, rms_norm_eps to 1e-6,
   tie_word_embeddings to false, max_position_embeddings to 32768 (Qwen) or 2048 (Llama).
   Rotary positions are read from both spellings: rope_theta and rope_scaling {"type" or
   "rope_type", ...}, or all of it in rope_parameters; where both are there they must
   agree.  A layer slides if layer_types says so or, without it, in Qwen's classes from
   max_window_layers on, and only with use_sliding_window.

   Every field at the top and among the rotary parameters is either read, known not to
   change what the model computes (`harmless`), or must have the one value that it has
   when absent (`only`).  Any other field is refused by name, since it may change the
   function: better no answer than another model's.  local */
#include "field.h"
#include "io/hf.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Of training, serving, saving and bookkeeping. */
static const char *const harmless[] = {"_name_or_path",
                                       "_attn_implementation",
                                       "_attn_implementation_autoset",
                                       "architectures",
                                       "attention_dropout",
                                       "auto_map",
                                       "bos_token_id",
                                       "chunk_size_feed_forward",
                                       "dtype",
                                       "eos_token_id",
                                       "finetuning_task",
                                       "id2label",
                                       "initializer_range",
                                       "is_llama_config",
                                       "label2id",
                                       "model_type",
                                       "num_labels",
                                       "output_attentions",
                                       "output_hidden_states",
                                       "pad_token_id",
                                       "prefix",
                                       "problem_type",
                                       "pretraining_tp",
                                       "return_dict",
                                       "sep_token_id",
                                       "task_specific_params",
                                       "tokenizer_class",
                                       "torch_dtype",
                                       "torchscript",
                                       "transformers.js_config",
                                       "transformers_version",
                                       "unsloth_fixed",
                                       "unsloth_version",
                                       "use_cache",
                                       "use_bfloat16",
                                       NULL};
/* Read below. */
static const char *const read_here[] = {"vocab_size",
                                        "hidden_size",
                                        "intermediate_size",
                                        "num_hidden_layers",
                                        "num_attention_heads",
                                        "num_key_value_heads",
                                        "head_dim",
                                        "max_position_embeddings",
                                        "rms_norm_eps",
                                        "tie_word_embeddings",
                                        "rope_theta",
                                        "rope_scaling",
                                        "rope_parameters",
                                        "original_max_position_embeddings",
                                        "partial_rotary_factor",
                                        "hidden_act",
                                        "attention_bias",
                                        "mlp_bias",
                                        "use_sliding_window",
                                        "sliding_window",
                                        "max_window_layers",
                                        "layer_types",
                                        "quantization_config",
                                        NULL};
/* Function-changing fields of related models, with the value that means "as here". */
static const struct {
    const char *key;
    double only;
} only[] =
    {{"is_decoder", -1},         {"is_encoder_decoder", 0},           {"add_cross_attention", 0},
     {"tie_encoder_decoder", 0}, {"attention_multiplier", 1},         {"embedding_multiplier", 1},
     {"logits_scaling", 1},      {"residual_multiplier", 1},          {"scale_emb", 1},
     {"rope_interleaved", 0},    {"cross_attention_hidden_size", -1}, {"use_mrope", 0},
     {"num_experts", 0}};

static int among(const char *key, const char *const *list)
{
    for (; *list; list++)
        if (!strcmp(key, *list))
            return 1;
    return 0;
}

/* -1: any value. */
static int is_only(const json_t *v, double want)
{
    return want == -1 || json_is_null(v) ||
           (json_is_boolean(v) ? json_is_true(v) == (want != 0)
                               : json_is_number(v) && json_number_value(v) == want);
}

static void refuse_unknown(const field_t *f)
{
    const char *key;
    json_t *v;
    json_object_foreach ((json_t *)f->o, key, v) {
        size_t i = 0, n = sizeof only / sizeof *only;
        if (among(key, harmless) || among(key, read_here) || json_is_null(v))
            continue;
        while (i < n && strcmp(only[i].key, key))
            i++;
        if (i == n)
            field_bad(f, key,
                      "is not known here and may change what the model computes; if it does "
                      "not, remove it from a copy of the directory");
        if (!is_only(v, only[i].only))
            field_bad(f, key,
                      "this value changes the model's function in a way that is not supported");
    }
}

static void refuse_flag(const field_t *f, const char *key)
{
    if (field_flag_or(f, key, 0))
        field_bad(f, key, "true is not supported");
}

/* Rotary positions ------------------------------------------------------------------- */

static double positive(const field_t *r, const char *key, double otherwise)
{
    double x = field_real_or(r, key, otherwise);
    if (!(x > 0))
        field_bad(r, key,
                  field_get(r, key) ? "a positive number was expected"
                                    : "missing; a positive number was expected");
    return x;
}

static void rope_original(const field_t *f, const field_t *r, model_config_t *c)
{
    const char *key = "original_max_position_embeddings";
    const field_t *from = field_get(f, key) ? f : r;
    c->rope.original = (int)field_int_or(from, key, 1, 1 << 30, c->max_position);
}

static void read_yarn(const field_t *r, model_config_t *c)
{
    double factor = c->rope.factor;
    c->rope.low = positive(r, "beta_slow", 1);
    c->rope.high = positive(r, "beta_fast", 32);
    c->rope.truncate = field_flag_or(r, "truncate", 1);
    c->rope.attention = field_get(r, "attention_factor")
                            ? positive(r, "attention_factor", 0)
                            : rope_yarn_attention(factor, field_real_or(r, "mscale", 0),
                                                  field_real_or(r, "mscale_all_dim", 0));
}

/* Fields of the rotary parameters that each kind reads. */
static void rope_fields(const field_t *r, rope_kind_t kind)
{
    static const char *const common[] = {"rope_type", "type", "rope_theta", "partial_rotary_factor",
                                         NULL};
    static const char *const own[ROPES][10] =
        {[ROPE_LINEAR] = {"factor"},
         [ROPE_LLAMA3] = {"factor", "low_freq_factor", "high_freq_factor",
                          "original_max_position_embeddings"},
         [ROPE_YARN] = {"factor", "original_max_position_embeddings", "attention_factor",
                        "beta_fast", "beta_slow", "mscale", "mscale_all_dim", "truncate"}};
    const char *key;
    json_t *v;
    json_object_foreach ((json_t *)r->o, key, v) {
        if (!among(key, common) && !among(key, own[kind]) && !json_is_null(v))
            field_bad(r, key, "is not known for rotary positions of type %s", rope_names[kind]);
    }
}

static void read_scaled(const field_t *f, const char *where, model_config_t *c)
{
    field_t r = field_object(f, where);
    const char *type = field_text_or(&r, "rope_type", field_text_or(&r, "type", "default"));
    int kind = 0;
    while (kind < ROPES && strcmp(type, rope_names[kind]))
        kind++;
    if (kind == ROPES)
        field_bad(f, where,
                  "rotary positions of type %s are not supported; known are default, linear, "
                  "llama3 and yarn",
                  type);
    rope_fields(&r, (rope_kind_t)kind);
    if (field_real_or(&r, "partial_rotary_factor", 1) != 1)
        field_bad(&r, "partial_rotary_factor", "only 1 is supported");
    c->rope.kind = (rope_kind_t)kind;
    c->rope.theta = field_real_or(&r, "rope_theta", c->rope.theta);
    if (kind == ROPE_DEFAULT)
        return;
    c->rope.factor = positive(&r, "factor", 0);
    if (kind != ROPE_LINEAR)
        rope_original(f, &r, c);
    if (kind == ROPE_LLAMA3) {
        c->rope.low = positive(&r, "low_freq_factor", 0);
        c->rope.high = positive(&r, "high_freq_factor", 0);
    } else if (kind == ROPE_YARN) {
        read_yarn(&r, c);
    }
}

static int same_rope(const rope_t *a, const rope_t *b)
{
    return a->kind == b->kind && a->theta == b->theta && a->factor == b->factor &&
           a->low == b->low && a->high == b->high && a->attention == b->attention &&
           a->original == b->original && a->truncate == b->truncate;
}

static void read_rope(const field_t *f, model_config_t *c)
{
    c->rope = (rope_t){.theta = field_real_or(f, "rope_theta", 10000)};
    if (field_real_or(f, "partial_rotary_factor", 1) != 1)
        field_bad(f, "partial_rotary_factor", "only 1 is supported");
    int old = field_get(f, "rope_scaling") != NULL, newer = field_get(f, "rope_parameters") != NULL;
    if (old)
        read_scaled(f, "rope_scaling", c);
    rope_t before = c->rope;
    if (newer)
        read_scaled(f, "rope_parameters", c);
    if (old && newer && !same_rope(&before, &c->rope))
        field_bad(f, "rope_parameters", "contradicts rope_scaling or rope_theta");
    if (newer && field_get(f, "rope_theta") && field_real_or(f, "rope_theta", 0) != c->rope.theta)
        field_bad(f, "rope_theta", "contradicts rope_parameters.rope_theta %g", c->rope.theta);
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
    if (json_array_size(types) != (size_t)c->layers)
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

static void refuse_others(const field_t *f)
{
    const char *act = field_text_or(f, "hidden_act", "silu");
    if (strcmp(act, "silu") && strcmp(act, "swish"))
        field_bad(f, "hidden_act", "%s is not supported; only silu is", act);
    if (field_get(f, "quantization_config"))
        field_bad(f, "quantization_config", "quantised weights are not supported");
    if (field_flag_or(f, "attention_bias", 0))
        field_bad(f, "attention_bias", "true is not supported: this model has no bias on o_proj");
    refuse_flag(f, "mlp_bias");
}

static void read_heads(const field_t *f, model_config_t *c, int qwen, int qwen3)
{
    c->heads = (int)field_int(f, "num_attention_heads", 1, 1 << 16);
    /* unlike absent: as many as heads */
    int null = json_is_null(json_object_get(f->o, "num_key_value_heads"));
    c->kv_heads =
        (int)field_int_or(f, "num_key_value_heads", 1, 1 << 16, qwen && !null ? 32 : c->heads);
    if (!field_get(f, "head_dim") && !qwen3 && c->width % c->heads)
        field_bad(f, "hidden_size",
                  "%d is no multiple of num_attention_heads %d, and there is no head_dim", c->width,
                  c->heads);
    c->head_dim = (int)field_int_or(f, "head_dim", 1, 1 << 16, qwen3 ? 128 : c->width / c->heads);
}

static void parse(field_t f, model_config_t *c)
{
    memset(c, 0, sizeof *c);
    read_architecture(&f, c);
    int qwen3 = !strcmp(c->arch, "Qwen3ForCausalLM"), qwen2 = !strcmp(c->arch, "Qwen2ForCausalLM");
    int qwen = qwen2 || qwen3;
    c->vocab = (int)field_int(&f, "vocab_size", 1, 1 << 24);
    c->width = (int)field_int(&f, "hidden_size", 1, 1 << 20);
    c->ffn = (int)field_int(&f, "intermediate_size", 1, 1 << 24);
    c->layers = (int)field_int(&f, "num_hidden_layers", 1, LAYERS_MAX);
    read_heads(&f, c, qwen, qwen3);
    c->max_position =
        (int)field_int_or(&f, "max_position_embeddings", 1, 1 << 24, qwen ? 32768 : 2048);
    c->rms_eps = (float)field_real_or(&f, "rms_norm_eps", 1e-6);
    c->tied = field_flag_or(&f, "tie_word_embeddings", 0);
    c->qkv_bias = qwen2;
    c->qk_norm = qwen3;
    read_rope(&f, c);
    read_window(&f, c, qwen);
    refuse_others(&f);
    refuse_unknown(&f);
    text_t why = {0};
    const char *bad = model_config_check(c, &why);
    if (bad)
        fail(CODE_DATA, "%s: %s", f.file, bad);
    text_reset(&why);
    field_close(f);
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

void hf_config_read(const char *dir, model_config_t *c)
{
    text_t path = {0};
    hf_config_path(dir, &path);
    parse(field_file(path.s), c);
    text_reset(&path);
}

void hf_config_parse(const char *name, const char *json, model_config_t *c)
{
    parse(field_parse(name, json, strlen(json)), c);
}
