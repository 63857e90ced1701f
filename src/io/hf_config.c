/* config.json of a Hugging Face model directory: Qwen2ForCausalLM and LlamaForCausalLM.

   What a field means and what it is when absent follow the configuration classes of
   `transformers`: kv heads default to heads, head_dim to hidden_size / heads,
   rope_theta to 10000, rms_norm_eps to 1e-6, tie_word_embeddings to false,
   max_position_embeddings to 32768 (Qwen2) or 2048 (Llama).  The rotary base is read
   from rope_theta or, as newer files have it, from rope_parameters.  Qwen2 always has
   biases on q, k, v; Llama has none unless attention_bias, which would put one on the
   output too and is refused.

   A model that this program would compute differently from its makers is refused by
   field: another architecture or activation, scaled rotary positions, a sliding window
   in use, partial rotary positions, biases in the feed-forward, quantised weights.
   What only concerns training (dropouts) or serving (use_cache, token ids) is not read.
   local */
#include "field.h"
#include <stdlib.h>
#include <string.h>

static void refuse_flag(const field_t *f, const char *key)
{
    if (field_flag_or(f, key, 0))
        field_bad(f, key, "true is not supported");
}

static void read_rope(const field_t *f, model_config_t *c)
{
    static const char *const where[] = {"rope_parameters", "rope_scaling"};
    c->rope_theta = field_real_or(f, "rope_theta", 10000.0);
    for (int i = 0; i < 2; i++) {
        if (!field_get(f, where[i]))
            continue;
        field_t r = field_object(f, where[i]);
        const char *type =
            field_text_or(&r, "rope_type", field_text_or(&r, "type", "default"));
        if (strcmp(type, "default"))
            field_bad(
                f, where[i],
                "rotary positions of type %s are not supported; only default ones are",
                type);
        c->rope_theta = field_real_or(&r, "rope_theta", c->rope_theta);
        if (field_real_or(&r, "partial_rotary_factor", 1) != 1)
            field_bad(&r, "partial_rotary_factor", "only 1 is supported");
    }
    if (field_real_or(f, "partial_rotary_factor", 1) != 1)
        field_bad(f, "partial_rotary_factor", "only 1 is supported");
}

static void read_architecture(const field_t *f, model_config_t *c)
{
    const json_t *list = field_array(f, "architectures");
    const char *arch =
        json_array_size(list) == 1 ? json_string_value(json_array_get(list, 0)) : NULL;
    if (!arch)
        field_bad(f, "architectures", "one name was expected");
    if (strcmp(arch, "Qwen2ForCausalLM") && strcmp(arch, "LlamaForCausalLM"))
        field_bad(f, "architectures",
                  "%s is not supported; known are Qwen2ForCausalLM and LlamaForCausalLM",
                  arch);
    snprintf(c->arch, sizeof c->arch, "%s", arch);
}

static void refuse_others(const field_t *f, int qwen)
{
    const json_t *layers = field_get(f, "layer_types"), *item;
    size_t i;
    const char *act = field_text_or(f, "hidden_act", "silu");
    if (strcmp(act, "silu"))
        field_bad(f, "hidden_act", "%s is not supported; only silu is", act);
    if (field_get(f, "quantization_config"))
        field_bad(f, "quantization_config", "quantised weights are not supported");
    if (qwen) {
        refuse_flag(f, "use_sliding_window");
    } else {
        if (field_flag_or(f, "attention_bias", 0))
            field_bad(f, "attention_bias",
                      "true is not supported: this model has no bias on o_proj");
        refuse_flag(f, "mlp_bias");
        if (field_get(f, "sliding_window"))
            field_bad(f, "sliding_window", "only null is supported");
    }
    json_array_foreach(layers, i,
                       item) if (!json_is_string(item) ||
                                 strcmp(json_string_value(item), "full_attention"))
        field_bad(f, "layer_types", "layer %zu: only full_attention is supported", i);
}

static void parse(field_t f, model_config_t *c)
{
    *c = (model_config_t){0};
    read_architecture(&f, c);
    int qwen = !strcmp(c->arch, "Qwen2ForCausalLM");
    c->vocab = (int)field_int(&f, "vocab_size", 1, 1 << 24);
    c->width = (int)field_int(&f, "hidden_size", 1, 1 << 20);
    c->ffn = (int)field_int(&f, "intermediate_size", 1, 1 << 24);
    c->layers = (int)field_int(&f, "num_hidden_layers", 1, 1 << 16);
    c->heads = (int)field_int(&f, "num_attention_heads", 1, 1 << 16);
    c->kv_heads =
        (int)field_int_or(&f, "num_key_value_heads", 1, 1 << 16, qwen ? 32 : c->heads);
    if (!field_get(&f, "head_dim") && c->width % c->heads)
        field_bad(&f, "hidden_size",
                  "%d is no multiple of num_attention_heads %d, and there is no head_dim",
                  c->width, c->heads);
    c->head_dim = (int)field_int_or(&f, "head_dim", 1, 1 << 16, c->width / c->heads);
    c->max_position =
        (int)field_int_or(&f, "max_position_embeddings", 1, 1 << 30, qwen ? 32768 : 2048);
    c->rms_eps = (float)field_real_or(&f, "rms_norm_eps", 1e-6);
    c->tied = field_flag_or(&f, "tie_word_embeddings", 0);
    c->qkv_bias = qwen;
    read_rope(&f, c);
    refuse_others(&f, qwen);
    text_t why = {0};
    const char *bad = model_config_check(c, &why);
    if (bad)
        fail(CODE_DATA, "%s: %s", f.file, bad);
    text_reset(&why);
    field_close(f);
}

void hf_config_read(const char *dir, model_config_t *c)
{
    text_t path = {0};
    text_addf(&path, "%s/config.json", dir);
    parse(field_file(path.s), c);
    text_reset(&path);
}

void hf_config_parse(const char *name, const char *json, model_config_t *c)
{
    parse(field_parse(name, json, strlen(json)), c);
}

/* The shortest decimal that reads back as the same float (single) or double. */
static void add_number(text_t *out, const char *key, double x, int single)
{
    char s[40] = "";
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(s, sizeof s, "%.*g", digits, x);
        if (single ? strtof(s, NULL) == (float)x : strtod(s, NULL) == x)
            break;
    }
    text_addf(out, "  \"%s\": %s%s,\n", key, s, strpbrk(s, ".e") ? "" : ".0");
}

void hf_config_text(const model_config_t *c, text_t *out)
{
    int qwen = !strcmp(c->arch, "Qwen2ForCausalLM");
    if (c->qkv_bias != qwen)
        fail(CODE_USAGE, "%s with%s biases on q, k and v has no form in config.json",
             c->arch, qwen ? "out" : "");
    text_addf(out, "{\n  \"architectures\": [\"%s\"],\n  \"model_type\": \"%s\",\n",
              c->arch, qwen ? "qwen2" : "llama");
    text_addf(
        out,
        "  \"vocab_size\": %d,\n  \"hidden_size\": %d,\n  \"intermediate_size\": %d,\n",
        c->vocab, c->width, c->ffn);
    text_addf(out, "  \"num_hidden_layers\": %d,\n  \"num_attention_heads\": %d,\n",
              c->layers, c->heads);
    text_addf(out, "  \"num_key_value_heads\": %d,\n  \"head_dim\": %d,\n", c->kv_heads,
              c->head_dim);
    text_addf(out, "  \"max_position_embeddings\": %d,\n  \"hidden_act\": \"silu\",\n",
              c->max_position);
    add_number(out, "rope_theta", c->rope_theta, 0);
    add_number(out, "rms_norm_eps", c->rms_eps, 1);
    if (qwen)
        text_add(out, "  \"use_sliding_window\": false,\n");
    else
        text_add(out, "  \"attention_bias\": false,\n  \"mlp_bias\": false,\n");
    text_addf(out, "  \"attention_dropout\": 0.0,\n  \"initializer_range\": 0.02,\n  "
                   "\"use_cache\": true,\n");
    text_addf(out, "  \"tie_word_embeddings\": %s\n}\n", c->tied ? "true" : "false");
}
