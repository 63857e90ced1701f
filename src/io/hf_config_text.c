/* config.json from a configuration: what `transformers` and hf_config.c read back as the
   same function.  For models that this program made, and in checkpoints; a directory that
   came from elsewhere keeps its own file (hf.c).  Rotary parameters stand in the older
   spelling (rope_theta, rope_scaling), which old and new software read.  local */
#include "io.h"
#include <stdlib.h>
#include <string.h>

/* The shortest decimal that reads back as the same float (single) or double. */
static void add_number(text_t *out, const char *indent, const char *key, double x, int single)
{
    char s[40] = "";
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(s, sizeof s, "%.*g", digits, x);
        if (single ? strtof(s, NULL) == (float)x : strtod(s, NULL) == x)
            break;
    }
    text_addf(out, "%s\"%s\": %s%s,\n", indent, key, s, strpbrk(s, ".e") ? "" : ".0");
}

static void add_rope(text_t *out, const rope_t *r)
{
    const char *in = "    ";
    add_number(out, "  ", "rope_theta", r->theta, 0);
    if (r->kind == ROPE_DEFAULT)
        return;
    text_add(out, "  \"rope_scaling\": {\n");
    add_number(out, in, "factor", r->factor, 0);
    if (r->kind == ROPE_LLAMA3) {
        add_number(out, in, "low_freq_factor", r->low, 0);
        add_number(out, in, "high_freq_factor", r->high, 0);
    } else if (r->kind == ROPE_YARN) {
        add_number(out, in, "beta_slow", r->low, 0);
        add_number(out, in, "beta_fast", r->high, 0);
        add_number(out, in, "attention_factor", r->attention, 0);
        text_addf(out, "%s\"truncate\": %s,\n", in, r->truncate ? "true" : "false");
    }
    if (r->kind != ROPE_LINEAR)
        text_addf(out, "%s\"original_max_position_embeddings\": %d,\n", in, r->original);
    text_addf(out, "%s\"rope_type\": \"%s\"\n  },\n", in, rope_names[r->kind]);
}

static void add_window(text_t *out, const model_config_t *c)
{
    text_addf(out, "  \"use_sliding_window\": %s,\n", c->window ? "true" : "false");
    if (!c->window)
        return;
    text_addf(out, "  \"sliding_window\": %d,\n  \"layer_types\": [", c->window);
    for (int l = 0; l < c->layers; l++)
        text_addf(out, "%s\"%s_attention\"", l ? ", " : "",
                  model_layer_window(c, l) ? "sliding" : "full");
    text_add(out, "],\n");
}

void hf_config_text(const model_config_t *c, text_t *out)
{
    int qwen2 = !strcmp(c->arch, "Qwen2ForCausalLM"), qwen3 = !strcmp(c->arch, "Qwen3ForCausalLM");
    if (c->qkv_bias != qwen2 || c->qk_norm != qwen3)
        fail(CODE_USAGE,
             "%s with%s biases on q, k and v and with%s norms of heads has no form in "
             "config.json",
             c->arch, c->qkv_bias ? "" : "out", c->qk_norm ? "" : "out");
    if (c->window && !qwen2 && !qwen3)
        fail(CODE_USAGE, "%s with sliding layers has no form in config.json", c->arch);
    text_addf(out, "{\n  \"architectures\": [\"%s\"],\n  \"model_type\": \"%s\",\n", c->arch,
              qwen2   ? "qwen2"
              : qwen3 ? "qwen3"
                      : "llama");
    text_addf(out, "  \"vocab_size\": %d,\n  \"hidden_size\": %d,\n  \"intermediate_size\": %d,\n",
              c->vocab, c->width, c->ffn);
    text_addf(out, "  \"num_hidden_layers\": %d,\n  \"num_attention_heads\": %d,\n", c->layers,
              c->heads);
    text_addf(out, "  \"num_key_value_heads\": %d,\n  \"head_dim\": %d,\n", c->kv_heads,
              c->head_dim);
    text_addf(out, "  \"max_position_embeddings\": %d,\n  \"hidden_act\": \"silu\",\n",
              c->max_position);
    add_rope(out, &c->rope);
    add_number(out, "  ", "rms_norm_eps", c->rms_eps, 1);
    if (qwen2 || qwen3)
        add_window(out, c);
    if (!qwen2)
        text_add(out, "  \"attention_bias\": false,\n");
    if (!qwen2 && !qwen3)
        text_add(out, "  \"mlp_bias\": false,\n");
    text_addf(out, "  \"attention_dropout\": 0.0,\n  \"initializer_range\": 0.02,\n  "
                   "\"use_cache\": true,\n");
    text_addf(out, "  \"tie_word_embeddings\": %s\n}\n", c->tied ? "true" : "false");
}
