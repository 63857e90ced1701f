// A model directory reads back as the model that was written, whole or in shards; what does not fit
// config.json is refused by name.
// RUN: np=1 backend=cpu,strict
#include "put.h"
#include "io.h"
#include "model_cases.h"
#include <unistd.h>

static char dir[] = "/tmp/aletheia-test-XXXXXX";

static void read_config(void *arg)
{
    model_config_t c;
    (void)arg;
    hf_config_read(dir, &c);
}

static void open_dir(void *arg)
{
    (void)arg;
    model_free(hf_open(dir, case_ops()));
}

static const char qwen[] = "{\"architectures\": [\"Qwen2ForCausalLM\"], \"vocab_size\": "
                           "97, \"hidden_size\": 36, \"intermediate_size\": 53, "
                           "\"num_hidden_layers\": 2, \"num_attention_heads\": 3, "
                           "\"num_key_value_heads\": 1, \"head_dim\": 10 %s}";

/* The same with `from` replaced by `to`, and `more` at the end. */
static void refuse(const char *from, const char *to, const char *more, const char *part)
{
    text_t t = {0}, u = {0};
    text_addf(&t, qwen, more);
    const char *at = strstr(t.s, from);
    ASSERT(at);
    text_addf(&u, "%.*s%s%s", (int)(at - t.s), t.s, to, at + strlen(from));
    put(dir, "config.json", u.s);
    test_fails(CODE_DATA, read_config, NULL, part);
    text_reset(&t);
    text_reset(&u);
}

static void bad_configs(void)
{
    put(dir, "config.json", NULL);
    test_fails(CODE_DATA, read_config, NULL, "config.json: cannot be read");
    put(dir, "config.json", "{\"architectures\": ");
    test_fails(CODE_DATA, read_config, NULL, "not JSON");
    refuse("\"vocab_size\": 97, ", "", "", "field vocab_size: missing");
    refuse("\"hidden_size\": 36, ", "", "", "field hidden_size: missing");
    refuse("\"intermediate_size\": 53, ", "", "", "field intermediate_size: missing");
    refuse("\"num_hidden_layers\": 2, ", "", "", "field num_hidden_layers: missing");
    refuse("\"num_attention_heads\": 3, ", "", "", "field num_attention_heads: missing");
    refuse("Qwen2For", "Gemma2For", "", "field architectures: Gemma2ForCausalLM is not supported");
    refuse("36", "\"36\"", "", "field hidden_size: a whole number was expected, found a text");
    refuse("36", "-36", "", "field hidden_size: -36 is outside");
    refuse("36", "3e99", "", "field hidden_size: a whole number was expected");
    refuse("\"num_key_value_heads\": 1", "\"num_key_value_heads\": 2", "",
           "multiple of num_key_value_heads = 2");
    refuse("10", "9", "", "head_dim = 9 must be even");
    refuse(", \"head_dim\": 10", "", ", \"rms_norm_eps\": 7", "rms_norm_eps = 7");
    refuse("", "", ", \"hidden_size2\": 1", "field hidden_size2: is not known here");
    refuse("", "", ", \"logits_scaling\": 8.0", "field logits_scaling: this value changes");
    refuse("", "", ", \"hidden_act\": \"gelu\"", "field hidden_act: gelu");
    refuse("", "", ", \"rope_scaling\": {\"type\": \"dynamic\", \"factor\": 4}",
           "field rope_scaling: rotary positions of type dynamic");
    refuse("", "", ", \"rope_parameters\": {\"rope_type\": \"llama3\"}",
           "field rope_parameters.factor: missing");
    refuse("", "", ", \"rope_parameters\": {\"rope_type\": \"linear\", \"factor\": 0}",
           "field rope_parameters.factor: a positive number");
    refuse("", "",
           ", \"rope_parameters\": {\"rope_type\": \"linear\", \"factor\": 2, \"beta_fast\": 3}",
           "field rope_parameters.beta_fast: is not known for rotary positions of type linear");
    refuse("", "", ", \"rope_theta\": 5, \"rope_parameters\": {\"rope_theta\": 6}",
           "field rope_theta: contradicts rope_parameters.rope_theta 6");
    refuse("", "",
           ", \"rope_scaling\": {\"type\": \"linear\", \"factor\": 2}, "
           "\"rope_parameters\": {\"rope_type\": \"linear\", \"factor\": 3}",
           "field rope_parameters: contradicts rope_scaling");
    refuse("", "", ", \"layer_types\": [\"full_attention\", \"sliding_attention\"]",
           "field layer_types: names sliding layers, but use_sliding_window is not true");
    refuse("", "", ", \"layer_types\": [\"full_attention\"]",
           "field layer_types: 1 entries for 2 layers");
    refuse("", "", ", \"layer_types\": [\"full_attention\", \"linear_attention\"]",
           "field layer_types: layer 1: full_attention or sliding_attention");
    refuse("Qwen2For", "LlamaFor", ", \"sliding_window\": 4", "field sliding_window: only null");
    refuse("", "", ", \"quantization_config\": {}", "field quantization_config");
    refuse("Qwen2For", "LlamaFor", ", \"attention_bias\": true", "field attention_bias");
    refuse("Qwen2For", "LlamaFor", ", \"mlp_bias\": true", "field mlp_bias");
}

/* model.safetensors with zeros for the parameters that keep, and one tensor more. */
static void make_weights(const model_config_t *c, const char *file, int from, int to,
                         const char *stranger, const char *wide)
{
    params_t p = params_new(c);
    text_t path = {0};
    safetensors_item_t *item = ALLOC(safetensors_item_t, p.n + 1);
    int n = 0;
    for (int i = from; i < p.n && i < to; i++) {
        const param_t *t = &p.tensor[i];
        int64_t more = !strcmp(t->name, wide);
        item[n++] = t->rows == 1 ? (safetensors_item_t){t->name, {t->cols + more}, 1, F32}
                                 : (safetensors_item_t){t->name, {t->rows, t->cols + more}, 2, F32};
    }
    if (*stranger)
        item[n++] = (safetensors_item_t){stranger, {c->vocab, c->width}, 2, F32};
    text_addf(&path, "%s/%s", dir, file);
    safetensors_out_t *o = safetensors_create(path.s, item, n);
    for (int i = 0; i < n; i++) {
        int64_t count = item[i].dim[0] * (item[i].dims > 1 ? item[i].dim[1] : 1);
        float *x = ALLOC(float, count);
        x[0] = !strcmp(item[i].name, "lm_head.weight");
        safetensors_put(o, x, count);
        mem_free(x);
    }
    safetensors_commit(o);
    mem_free(item);
    text_reset(&path);
    params_free(&p);
}

static void bad_weights(void)
{
    model_config_t c;
    text_t t = {0};
    text_addf(&t, qwen, ", \"tie_word_embeddings\": true");
    put(dir, "config.json", t.s);
    hf_config_read(dir, &c);
    check(c.tied && c.qkv_bias && c.rope.theta == 10000 && c.max_position == 32768 &&
          c.head_dim == 10);
    test_fails(CODE_DATA, open_dir, NULL, "model.safetensors: cannot be read");
    make_weights(&c, "model.safetensors", 1, 999, "", "");
    test_fails(CODE_DATA, open_dir, NULL,
               "tensor model.embed_tokens.weight is missing; shape [97, 36] was expected");
    make_weights(&c, "model.safetensors", 0, 999, "model.extra", "");
    test_fails(CODE_DATA, open_dir, NULL, "tensor model.extra is not part of the Qwen2ForCausalLM");
    make_weights(&c, "model.safetensors", 0, 999, "lm_head.weight", "");
    test_fails(CODE_DATA, open_dir, NULL, "lm_head.weight differs from model.embed_tokens.weight");
    make_weights(&c, "model.safetensors", 0, 999, "", "model.layers.1.self_attn.k_proj.bias");
    test_fails(CODE_DATA, open_dir, NULL,
               "tensor model.layers.1.self_attn.k_proj.bias has shape [11]; [10] was expected");
    make_weights(&c, "model.safetensors", 0, 999, "", "model.layers.0.mlp.down_proj.weight");
    test_fails(CODE_DATA, open_dir, NULL,
               "tensor model.layers.0.mlp.down_proj.weight has shape [36, 54]; [36, 53] "
               "was expected");
    put(dir, "model.safetensors.index.json", "{\"weight_map\": {\"a\": \"../model.safetensors\"}}");
    test_fails(CODE_DATA, open_dir, NULL, "field weight_map.a: '../model.safetensors'");
    put(dir, "model.safetensors.index.json", "{\"weight_map\": {}}");
    test_fails(CODE_DATA, open_dir, NULL, "field weight_map: at least one tensor");
    put(dir, "model.safetensors.index.json",
        "{\"weight_map\": {\"model.embed_tokens.weight\": \"model.safetensors\", "
        "\"model.norm.weight\": \"two.safetensors\"}}");
    make_weights(&c, "model.safetensors", 0, 5, "", "");
    make_weights(&c, "two.safetensors", 4, 999, "", "");
    test_fails(CODE_DATA, open_dir, NULL, "is in both model.safetensors and two.safetensors");
    make_weights(&c, "two.safetensors", 5, 999, "", "");
    test_fails(0, open_dir, NULL, "");
    put(dir, "two.safetensors", NULL);
    test_fails(CODE_DATA, open_dir, NULL, "two.safetensors: cannot be read");
    put(dir, "model.safetensors.index.json", NULL);
    text_reset(&t);
}

/* The older and the newer spelling of one configuration are one configuration; what is absent is
   what the reference implementation takes. */
static void spellings(void)
{
    model_config_t a, b;
    text_t old = {0}, new = {0};
    text_addf(
        &old, qwen,
        ", \"rope_theta\": 5e5, \"rope_scaling\": {\"type\": \"llama3\", \"factor\": 8, "
        "\"low_freq_factor\": 1, \"high_freq_factor\": 4, \"original_max_position_embeddings\": 64}, "
        "\"torch_dtype\": \"bfloat16\", \"use_sliding_window\": true, \"max_window_layers\": 1, "
        "\"sliding_window\": 9");
    text_addf(
        &new, qwen,
        ", \"rope_parameters\": {\"rope_type\": \"llama3\", \"rope_theta\": 500000.0, "
        "\"factor\": 8.0, \"low_freq_factor\": 1.0, \"high_freq_factor\": 4.0, "
        "\"original_max_position_embeddings\": 64}, \"dtype\": \"bfloat16\", \"sliding_window\": 9, "
        "\"use_sliding_window\": true, \"layer_types\": [\"full_attention\", \"sliding_attention\"]");
    hf_config_parse("old", old.s, &a);
    hf_config_parse("new", new.s, &b);
    check(a.rope.kind == ROPE_LLAMA3 && a.rope.theta == 5e5 && a.rope.factor == 8 &&
          a.rope.original == 64 && a.rope.low == 1 && a.rope.high == 4);
    check(!memcmp(&a.rope, &b.rope, sizeof a.rope));
    check(a.window == 9 && b.window == 9 && a.slides[0] == 2 && b.slides[0] == 2 &&
          model_layer_window(&a, 0) == 0 && model_layer_window(&a, 1) == 9);
    text_clear(&old);
    text_addf(&old, qwen,
              ", \"rope_scaling\": {\"type\": \"yarn\", \"factor\": 4}, \"sliding_window\": null, "
              "\"use_sliding_window\": true, \"max_window_layers\": 0");
    hf_config_parse("yarn", old.s, &a);
    check(a.rope.kind == ROPE_YARN && a.rope.original == 32768 && a.rope.high == 32 &&
          a.rope.low == 1 && a.rope.truncate &&
          fabs(a.rope.attention - (0.1 * log(4) + 1)) < 1e-15 && a.window == 0);
    text_reset(&old);
    text_reset(&new);
}

static void round_trips(void)
{
    const ops_t *ops = case_ops();
    for (int i = 0; i < 4; i++) {
        model_config_t c = case_config(i), back;
        text_t t = {0};
        memset(&back, 0xFF, sizeof back);
        hf_config_text(&c, &t);
        hf_config_parse("text", t.s, &back);
        check(!strcmp(c.arch, back.arch) && c.vocab == back.vocab && c.width == back.width &&
              c.layers == back.layers && c.heads == back.heads && c.kv_heads == back.kv_heads &&
              c.head_dim == back.head_dim && c.ffn == back.ffn &&
              c.max_position == back.max_position && c.qkv_bias == back.qkv_bias &&
              c.tied == back.tied && c.rms_eps == back.rms_eps && c.qk_norm == back.qk_norm &&
              c.window == back.window && !memcmp(c.slides, back.slides, sizeof c.slides) &&
              !memcmp(&c.rope.theta, &back.rope.theta, 5 * sizeof(double)));
        text_reset(&t);
        model_t *m = case_model(&c, ops, 7), *n[3];
        for (int k = 0; k < 3; k++) { /* float32; bfloat16; bfloat16 of that */
            hf_write(dir, k < 2 ? m : n[1], k ? BF16 : F32, k ? NULL : "tests/data/tokenizer_base",
                     HF_SHARD_BYTES);
            n[k] = hf_open(dir, ops);
        }
        check(hash_equal(model_hash(m), model_hash(n[0])));
        check(!hash_equal(model_hash(m), model_hash(n[1])) &&
              hash_equal(model_hash(n[1]), model_hash(n[2])));
        tokenizer_t *k = tokenizer_open(dir);
        check(tokenizer_size(k) == 913);
        tokenizer_free(k);
        model_free(m);
        for (int j = 0; j < 3; j++)
            model_free(n[j]);
    }
}

/* The end token comes from tokenizer_config.json and goes where other software looks. */
static void end_token(void)
{
    model_config_t c = case_config(0);
    model_t *m = case_model(&c, case_ops(), 7);
    text_t t = {0}, path = {0};
    put(dir, "tokenizer_config.json", "{\"eos_token\": \"<|im_end|>\"}");
    hf_write(dir, m, F32, dir, HF_SHARD_BYTES);
    text_addf(&path, "%s/config.json", dir);
    text_read_file(&t, path.s);
    check(strstr(t.s, "\"eos_token_id\": 902,") && strstr(t.s, "\"torch_dtype\": \"float32\""),
          "%s", t.s);
    text_clear(&t);
    text_clear(&path);
    text_addf(&path, "%s/generation_config.json", dir);
    check(!text_read_file(&t, path.s) && strstr(t.s, "\"eos_token_id\": 902\n"), "%s", t.s);
    model_free(m);
    text_reset(&t);
    text_reset(&path);
}

int main(int argc, char **argv)
{
    static const char *const made[] = {"config.json", "model.safetensors", "tokenizer.json",
                                       "tokenizer_config.json", "generation_config.json"};
    if (!mkdtemp(dir))
        return 1;
    bad_configs();
    spellings();
    bad_weights();
    test_begin(&argc, &argv);
    round_trips();
    end_token();
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        put(dir, made[i], NULL);
    check(!rmdir(dir));
    return test_end();
}
