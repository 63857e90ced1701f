/* What a model may be.

   A configuration describes a decoder of the Qwen2 / Qwen3 / Llama family: RMSNorm before
   each half of a layer, rotary positions, grouped-query attention, a SwiGLU
   feed-forward, optionally a bias on q, k and v (Qwen2) or a norm of each query and key
   head (Qwen3), layers that see a sliding window only, and a head that may share the
   embedding's memory. The check says everything that the code above and below relies on,
   once; files and decks are checked with it before anything is allocated.  Sizes are
   bounded so that no product of them overflows: rows of a tensor are an int, bytes of the
   block a size_t. */
#include "model.h"
#include <string.h>

static const char *const family[] = {
    "Qwen2ForCausalLM",
    "Qwen3ForCausalLM",
    "LlamaForCausalLM",
};

static int positive(text_t *why, const char *name, int value)
{
    if (value > 0)
        return 1;
    text_addf(why, "%s = %d: a positive number was expected", name, value);
    return 0;
}

static int arch_ok(const model_config_t *c, text_t *why)
{
    for (size_t i = 0; i < sizeof family / sizeof *family; i++)
        if (!strcmp(c->arch, family[i]))
            return 1;
    text_addf(why,
              "architecture '%.63s' is not known: expected Qwen2ForCausalLM, "
              "Qwen3ForCausalLM or LlamaForCausalLM",
              c->arch);
    return 0;
}

static int rope_wrong(const rope_t *r, text_t *why)
{
    if (!(r->theta > 1))
        text_addf(why, "rope_theta = %g must be above 1", r->theta);
    else if (r->kind != ROPE_DEFAULT && !(r->factor >= 1 && r->factor < 1e6))
        text_addf(why, "rope factor = %g must be 1 or more", r->factor);
    else if ((r->kind == ROPE_LLAMA3 || r->kind == ROPE_YARN) && r->original < 1)
        text_addf(why, "original_max_position_embeddings = %d must be positive", r->original);
    else if (r->kind == ROPE_LLAMA3 && !(r->low > 0 && r->high > r->low))
        text_addf(why,
                  "high_freq_factor = %g must be above low_freq_factor = %g, and both "
                  "positive",
                  r->high, r->low);
    else if (r->kind == ROPE_YARN && !(r->low > 0 && r->high >= r->low))
        text_addf(why, "beta_fast = %g must not be below beta_slow = %g, and both positive",
                  r->high, r->low);
    else if (r->kind == ROPE_YARN && !(r->attention > 0 && r->attention < 100))
        text_addf(why, "attention_factor = %g must be positive", r->attention);
    return why->len > 0;
}

int model_layer_window(const model_config_t *c, int layer)
{
    return c->window && c->slides[layer / 64] >> layer % 64 & 1 ? c->window : 0;
}

/* Parameters in all, without biases and norms. */
static double parameters(const model_config_t *c)
{
    double qkv = (c->heads + 2.0 * c->kv_heads) * c->head_dim, o = (double)c->heads * c->head_dim,
           layer = (qkv + o + 3.0 * c->ffn) * c->width;
    return (c->tied ? 1.0 : 2.0) * c->vocab * c->width + c->layers * layer;
}

const char *model_config_check(const model_config_t *c, text_t *why)
{
    text_clear(why);
    if (!arch_ok(c, why) || !positive(why, "vocab_size", c->vocab) ||
        !positive(why, "hidden_size", c->width) || !positive(why, "num_hidden_layers", c->layers) ||
        !positive(why, "num_attention_heads", c->heads) ||
        !positive(why, "num_key_value_heads", c->kv_heads) ||
        !positive(why, "head_dim", c->head_dim) || !positive(why, "intermediate_size", c->ffn) ||
        !positive(why, "max_position_embeddings", c->max_position))
        return why->s;
    if (c->heads % c->kv_heads)
        text_addf(why, "num_attention_heads = %d must be a multiple of num_key_value_heads = %d",
                  c->heads, c->kv_heads);
    else if (c->head_dim % 2)
        text_addf(why, "head_dim = %d must be even: rotary positions turn pairs", c->head_dim);
    else if ((c->heads + 2.0 * c->kv_heads) * c->head_dim > 1 << 24 || parameters(c) > 0x1p44)
        text_addf(why,
                  "num_attention_heads = %d, num_key_value_heads = %d, head_dim = %d, "
                  "num_hidden_layers = %d, ...: %.3g parameters are more than any model has",
                  c->heads, c->kv_heads, c->head_dim, c->layers, parameters(c));
    else if (!(c->rms_eps > 0 && c->rms_eps < 1))
        text_addf(why, "rms_norm_eps = %g must be between 0 and 1", c->rms_eps);
    else if (c->layers > LAYERS_MAX)
        text_addf(why, "num_hidden_layers = %d: at most %d are supported", c->layers, LAYERS_MAX);
    else if (c->window < 0)
        text_addf(why, "sliding_window = %d must be positive", c->window);
    else if ((c->qkv_bias | 1) != 1 || (c->tied | 1) != 1 || (c->qk_norm | 1) != 1)
        text_addf(why, "qkv_bias = %d, tied = %d, qk_norm = %d: each must be 0 or 1", c->qkv_bias,
                  c->tied, c->qk_norm);
    else if (rope_wrong(&c->rope, why))
        return why->s;
    else
        return NULL;
    return why->s;
}
