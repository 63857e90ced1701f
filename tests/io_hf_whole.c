// All that is wrong with a file of a model directory comes in one message, before weights are read; fields that do
// not change the function may hold anything; what is there in another form is named, with the way to
// convert it; a matrix of one row has two sizes in every file.
// RUN: np=1
#include "put.h"
#include "model_cases.h"
#include "io.h"
#include "whole_directory.h"
#include <jansson.h>

static char dir[] = "/tmp/aletheia-test-XXXXXX";
static const char plain[] = "\"vocab_size\": 1000, \"hidden_size\": 36, \"intermediate_size\": 53, "
                            "\"num_hidden_layers\": 2, \"num_attention_heads\": 3, "
                            "\"num_key_value_heads\": 1, \"head_dim\": 12";

static void put_config(const char *arch, const char *more)
{
    text_t t = {0};
    text_addf(&t, "{\"architectures\": [\"%s\"], %s%s}", arch, plain, more);
    put(dir, "config.json", t.s);
    text_reset(&t);
}

static void put_tokenizer(const char *from, const char *to)
{
    text_t t = {0}, u = {0};
    ASSERT(!text_read_file(&t, "tests/data/tokenizer_base/tokenizer.json"));
    char *at = strstr(t.s, from);
    ASSERT(at);
    text_addf(&u, "%.*s%s%s", (int)(at - t.s), t.s, to, at + strlen(from));
    put(dir, "tokenizer.json", u.s);
    text_reset(&t);
    text_reset(&u);
}

static void put_weights(model_config_t *c, const char *more)
{
    model_config_t own;
    put_config("LlamaForCausalLM", more);
    hf_config_read(dir, &own);
    model_t *m = model_new(&own, backend_open("cpu"));
    model_init_random(m, 2);
    hf_write(dir, m, F32, NULL, HF_SHARD_BYTES);
    put_config("LlamaForCausalLM", more);
    model_free(m);
    if (c)
        *c = own;
}

static void require(void *arg)
{
    text_t why = {0};
    if (whole_look(arg, &why))
        fail(CODE_DATA, "%s", why.s);
}

static void refused(const char *part)
{
    test_fails(CODE_DATA, require, dir, part);
}

/* Of every kind something, and each is said. */
static void all_at_once(void)
{
    static const char *const said[] = {
        "7 things are in the way:\n",
        "3 things are in the way:\n",
        "config.json: field hidden_size: a whole number was expected, found a text\n",
        "config.json: field num_hidden_layers: missing",
        "config.json: field rms_norm_eps: a number was expected, found true or false\n",
        "config.json: field rope_scaling: rotary positions of type dynamic",
        "config.json: field hidden_act: gelu is not supported",
        "config.json: field pruned_heads: this value changes the model's function (heads are taken out)",
        "config.json: field unheard_of: is not known here",
        "tokenizer.json: field normalizer.type: Lowercase",
        "tokenizer.json: field decoder.type: WordPiece",
        "tokenizer.json: field model.end_of_word_suffix",
        "tokenizer_config.json: field eos_token: a token's text"};
    put(dir, "config.json",
        "{\"architectures\": [\"LlamaForCausalLM\"], \"vocab_size\": 97, \"hidden_size\": \"36\", "
        "\"intermediate_size\": 53, \"num_attention_heads\": 3, \"rms_norm_eps\": true, "
        "\"rope_scaling\": {\"type\": \"dynamic\"}, \"hidden_act\": \"gelu\", "
        "\"pruned_heads\": {\"1\": [0]}, \"unheard_of\": false, \"temperature\": \"hot\"}");
    text_t t = {0};
    ASSERT(!text_read_file(&t, "tests/data/tokenizer_base/tokenizer.json"));
    json_t *root = json_loads(t.s, 0, NULL);
    json_object_set_new(root, "normalizer", json_pack("{ss}", "type", "Lowercase"));
    json_object_set_new(root, "decoder", json_pack("{ss}", "type", "WordPiece"));
    json_object_set_new(json_object_get(root, "model"), "end_of_word_suffix", json_string("</w>"));
    char *s = json_dumps(root, 0);
    put(dir, "tokenizer.json", s);
    free(s);
    json_decref(root);
    put(dir, "tokenizer_config.json", "{\"eos_token\": 7}");
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        refused(said[i]);
    put(dir, "tokenizer_config.json", NULL);
    text_reset(&t);
}

static int config_bad(const char *file, text_t *why)
{
    whole_t w = {.dir = file};
    return fail_try(whole_config, &w, why);
}

static void read_config(void *file)
{
    model_config_t c;
    hf_config_read(file, &c);
}

/* Every field of the table, with values that only matter where they are read. */
static void every_field(void)
{
    enum { READ, HARMLESS, ONLY };
    static const struct {
        const char *name;
        int what;
        double only;
    } field[] = {
#define FIELD(name, what, only, why) {name, what, only},
#include "io/hf_fields.def"
#undef FIELD
    };
    static const char *const odd[] = {"true", "[{}]", "{\"a\": 1}", "\"x\"", "7", "-1e30", "NaN"};
    text_t why = {0}, more = {0}, file = {0};
    text_addf(&file, "%s/config.json", dir); /* nothing but that file */
    int harmless = 0, only = 0;
    for (size_t i = 0; i < sizeof field / sizeof *field; i++)
        for (size_t k = 0; k < sizeof odd / sizeof *odd; k++) {
            if (field[i].what == READ)
                continue;
            text_clear(&more);
            text_clear(&why);
            text_addf(&more, ", \"%s\": %s", field[i].name, odd[k]);
            put_config("LlamaForCausalLM", more.s);
            int fits = field[i].what == HARMLESS || (field[i].only == 1 && k == 0);
            text_clear(&more);
            text_addf(&more, "field %s: this value changes", field[i].name);
            if (fits)
                check(!config_bad(file.s, &why), "%s = %s: %s", field[i].name, odd[k], why.s);
            else
                test_fails(CODE_DATA, read_config, file.s, more.s);
            harmless += k == 0 && field[i].what == HARMLESS;
            only += k == 0 && field[i].what == ONLY;
        }
    check(harmless > 150 && only > 10, "%d and %d fields", harmless, only);
    static const char *const none[] = {"null", "false", "0", "{}", "[]", "\"\"", "0.0"};
    for (size_t k = 0; k < 7; k++) {
        text_clear(&more);
        text_addf(&more, ", \"pruned_heads\": %s, \"logits_scaling\": %s, \"unheard_of\": null",
                  none[k], k ? "1.0" : "null");
        put_config("Qwen3ForCausalLM", more.s);
        text_clear(&why);
        check(!config_bad(file.s, &why), "%s", why.s);
    }
    text_reset(&why);
    text_reset(&more);
    text_reset(&file);
}

/* As transformers of these years wrote it, whole. */
static void whole_files(void)
{
    static const char *const more[] = {
        ", \"_name_or_path\": \"x\", \"bos_token_id\": 1, \"eos_token_id\": 2, \"pad_token_id\": -1, "
        "\"temperature\": 0.7, \"do_sample\": true, \"max_length\": 4096, \"num_beams\": 4, \"top_p\": 0.9, "
        "\"bad_words_ids\": null, \"pruned_heads\": {}, \"torchscript\": false, \"tf_legacy_loss\": false, "
        "\"exponential_decay_length_penalty\": null, \"id2label\": {\"0\": \"LABEL_0\"}, "
        "\"is_decoder\": false, \"add_cross_attention\": false, \"typical_p\": 1.0, "
        "\"cross_attention_hidden_size\": null, \"torch_dtype\": \"float16\", \"use_bfloat16\": false",
        ", \"_model_name_or_path\": \"y\", \"unk_token_id\": 0, \"attention_dropout\": 0.1, "
        "\"hidden_dropout\": 0.1, \"dtype\": \"bfloat16\", \"_attn_implementation\": \"flash_attention_2\", "
        "\"base_model_tp_plan\": {\"layers.*.self_attn.q_proj\": \"colwise\"}, \"pretraining_tp\": 2, "
        "\"rope_parameters\": {\"rope_theta\": 100000.0, \"rope_type\": \"default\"}"};
    for (int i = 0; i < 2; i++) {
        text_t why = {0}, file = {0};
        text_addf(&file, "%s/config.json", dir);
        put_config("LlamaForCausalLM", more[i]);
        check(!config_bad(file.s, &why), "%s", why.s);
        text_reset(&why);
        text_reset(&file);
    }
}

static void in_words(const char *file, const char *part)
{
    put(dir, file, "x");
    refused(part);
    put(dir, file, NULL);
}

static void other_forms(void)
{
    put_config("LlamaForCausalLM", "");
    put_tokenizer("\"version\"", "\"version\"");
    in_words("pytorch_model.bin",
             "model.safetensors: cannot be read: No such file or directory; there is "
             "pytorch_model.bin; to make a directory NEW with it: python -c 'from "
             "transformers import AutoModelForCausalLM as X; m = X.from_pretrained(\"/tmp");
    in_words("pytorch_model.bin", "\"); m.save_pretrained(\"NEW\")'");
    put(dir, "pytorch_model.bin.index.json", "{}");
    put(dir, "pytorch_model-00001-of-00002.bin", "x");
    in_words(
        "pytorch_model-00002-of-00002.bin",
        "there is pytorch_model-00001-of-00002.bin, pytorch_model-00002-of-00002.bin; to make");
    put(dir, "pytorch_model.bin.index.json", NULL);
    put(dir, "pytorch_model-00001-of-00002.bin", NULL);
    in_words("m.Q4_1.gguf", ", gguf_file=\"m.Q4_1.gguf\", dtype=\"float32\"); m.hf_quantizer = ");
    in_words("consolidated.00.pth", "there is consolidated.00.pth: this is the maker's own form");
    in_words("adapter_model.safetensors", "this is an adapter of another model");
    in_words("odd.onnx", "there is odd.onnx: load it with the software that wrote it");
    refused("model.safetensors: cannot be read: No such file or directory\n");
    put(dir, "tokenizer.json", NULL);
    put(dir, "merges.txt", "x");
    in_words("vocab.json",
             "tokenizer.json: cannot be read: No such file or directory; there is vocab.json; "
             "to make a directory NEW with it: python -c 'from transformers import "
             "AutoTokenizer as X; m = X.from_pretrained(\"/tmp");
    put(dir, "merges.txt", NULL);
    put(dir, "pytorch_model.bin", "x");
    in_words("tokenizer.model", "there is tokenizer.model; to make");
    check(hf_other_form(dir));
    put(dir, "pytorch_model.bin", NULL);
    put(dir, "config.json", NULL);
    check(!hf_other_form(dir));
    put(dir, "m.gguf", "x");
    refused("config.json: cannot be read: No such file or directory; there is m.gguf; to make");
    check(hf_other_form(dir));
    put(dir, "m.gguf", NULL);
    in_words("params.json",
             "config.json: cannot be read: No such file or directory; there is params.json: "
             "this is the maker's own form");
    put(dir, "pytorch_model.bin", NULL);
}

/* The weights' headers: a missing tensor, another shape, a stranger, each a few times and the rest
   counted; a buffer of old software is left alone. */
static void headers(void)
{
    model_config_t c;
    put_tokenizer("\"version\"", "\"version\"");
    put_weights(&c, "");
    text_t why = {0}, path = {0};
    check(!whole_look(dir, &why), "%s", why.s);
    put_config("Qwen3ForCausalLM", ", \"max_window_layers\": 1");
    refused("tensor model.layers.1.self_attn.k_norm.weight is missing; shape [12] was expected");
    text_clear(&why);
    text_addf(
        &why,
        "{\"architectures\": [\"LlamaForCausalLM\"], \"vocab_size\": 1000, \"hidden_size\": "
        "36, \"intermediate_size\": 54, \"num_hidden_layers\": 9, \"num_attention_heads\": 3, "
        "\"num_key_value_heads\": 1, \"head_dim\": 12, \"tie_word_embeddings\": true}");
    put(dir, "config.json", why.s);
    refused("tensor model.layers.2.input_layernorm.weight is missing; shape [36] was expected\n");
    refused("58 more tensors are missing\n");
    refused("tensor model.layers.1.mlp.up_proj.weight has shape [53, 36]; [54, 36] was expected\n");
    text_addf(&path, "%s/model.safetensors", dir);
    params_t p = params_new(&c);
    safetensors_item_t *item = ALLOC(safetensors_item_t, p.n + 3);
    for (int i = 0; i < p.n; i++)
        item[i] = (safetensors_item_t){p.tensor[i].name,
                                       {p.tensor[i].vector ? p.tensor[i].cols : p.tensor[i].rows,
                                        p.tensor[i].vector ? 0 : p.tensor[i].cols},
                                       p.tensor[i].vector ? 1 : 2,
                                       F32};
    item[p.n] = (safetensors_item_t){"model.layers.0.self_attn.rotary_emb.inv_freq", {6}, 1, F32};
    item[p.n + 1] = (safetensors_item_t){"model.rotary_emb.inv_freq", {6}, 1, BF16};
    item[p.n + 2] = (safetensors_item_t){"inv_freq", {6}, 1, BF16};
    for (int strange = 0; strange < 2; strange++) {
        safetensors_out_t *o = safetensors_create(path.s, item, p.n + 2 + strange);
        float *zero = ALLOC(float, 1 << 17);
        for (int i = 0; i < p.n + 2 + strange; i++)
            safetensors_put(o, zero, item[i].dim[0] * (item[i].dims > 1 ? item[i].dim[1] : 1));
        safetensors_commit(o);
        mem_free(zero);
        put_config("LlamaForCausalLM", "");
        text_clear(&why);
        if (strange) {
            refused("tensor inv_freq is not part of the LlamaForCausalLM");
        } else {
            check(!whole_look(dir, &why), "%s", why.s);
            model_free(hf_open(dir, backend_open("cpu")));
        }
    }
    mem_free(item);
    params_free(&p);
    text_reset(&why);
    text_reset(&path);
}

/* generation_config.json: only eos_token_id is read. */
static void generation(void)
{
    text_t why = {0};
    put_weights(NULL, "");
    put(dir, "generation_config.json",
        "{\"temperature\": \"hot\", \"max_length\": [1e400], \"top_p\": {}, "
        "\"pad_token_id\": \"x\", \"bos_token_id\": {}, \"eos_token_id\": 3}");
    check(!whole_look(dir, &why), "%s", why.s);
    put(dir, "generation_config.json", "{\"eos_token_id\": \"x\"}");
    refused("generation_config.json: field eos_token_id: a token's number");
    put(dir, "generation_config.json", NULL);
    text_reset(&why);
}

/* A matrix of one row ----------------------------------------------------------------- */

static const char gate[] = "model.layers.1.mlp.gate_proj.weight",
                  norm[] = "model.layers.1.input_layernorm.weight";

static void one_row(void)
{
    model_config_t c, again;
    text_t path = {0}, why = {0}, shown = {0};
    put_config("LlamaForCausalLM", "");
    hf_config_read(dir, &c);
    c.ffn = c.vocab = 1;
    model_t *m = model_new(&c, backend_open("cpu"));
    model_init_random(m, 4);
    put(dir, "config.json", NULL);
    hf_write(dir, m, F32, NULL, HF_SHARD_BYTES);
    text_addf(&path, "%s/model.safetensors", dir);
    safetensors_t *s = safetensors_open(path.s);
    safetensors_shape(s, safetensors_find(s, gate), (int64_t[]){1, 36}, 2);
    safetensors_shape(s, safetensors_find(s, "model.embed_tokens.weight"), (int64_t[]){1, 36}, 2);
    safetensors_shape(s, safetensors_find(s, norm), (int64_t[]){36}, 1);
    safetensors_close(s);
    model_t *back = hf_open(dir, backend_open("cpu"));
    check(hash_equal(model_hash(m), model_hash(back)));
    model_free(back);
    show_file(dir, &shown);
    check(strstr(shown.s, "mlp.gate_proj.weight                  [1, 36]"), "%s", shown.s);
    check(strstr(shown.s, "input_layernorm.weight                [36]"), "%s", shown.s);

    ckpt_t *k = ckpt_create(NULL, dir, 1, "");
    ckpt_put_model(k, "param", m);
    ckpt_put_config(k, &c);
    ckpt_commit(k, 1);
    text_clear(&path);
    text_addf(&path, "%s/step-00000001.h5", dir);
    text_clear(&shown);
    show_file(path.s, &shown);
    check(strstr(shown.s, "mlp.gate_proj.weight                  [1, 36]"), "%s", shown.s);
    check(strstr(shown.s, "input_layernorm.weight                [36]"), "%s", shown.s);
    back = model_new(&c, backend_open("cpu"));
    k = ckpt_open(NULL, path.s);
    ckpt_config(k, &again);
    ckpt_get_model(k, "param", back);
    check(again.ffn == 1 && hash_equal(model_hash(m), model_hash(back)));
    ckpt_close(k);
    model_free(back);
    model_free(m);
    text_reset(&path);
    text_reset(&why);
    text_reset(&shown);
}

/* As it once was: [36] for [1, 36], in safetensors and in a checkpoint. */
static void one_row_flat(void)
{
    model_config_t c;
    text_t path = {0};
    put_config("LlamaForCausalLM", "");
    hf_config_read(dir, &c);
    c.ffn = 1;
    model_t *m = model_new(&c, backend_open("cpu")), *back;
    model_init_random(m, 6);
    params_t p = params_new(&c);
    safetensors_item_t *item = ALLOC(safetensors_item_t, p.n);
    for (int i = 0; i < p.n; i++)
        item[i] = (safetensors_item_t){p.tensor[i].name,
                                       {p.tensor[i].rows == 1 ? p.tensor[i].cols : p.tensor[i].rows,
                                        p.tensor[i].cols},
                                       p.tensor[i].rows == 1 ? 1 : 2,
                                       F32};
    put(dir, "config.json", NULL);
    hf_write(dir, m, F32, NULL, HF_SHARD_BYTES);
    text_addf(&path, "%s/model.safetensors", dir);
    safetensors_out_t *o = safetensors_create(path.s, item, p.n);
    float *x = ALLOC(float, 36000);
    text_clear(&path);
    text_addf(&path, "%s/step-00000002.h5", dir);
    h5_t *f = h5_create(NULL, path.s, "checkpoint", 1, "");
    for (int i = 0; i < p.n; i++) {
        const param_t *t = &model_params(m)->tensor[i];
        text_t name = {0};
        char hex[33];
        model_get_rows(m, t, 0, t->rows, x);
        safetensors_put(o, x, t->rows * t->cols);
        text_addf(&name, "param/%s", t->name);
        int flat = t->rows == 1;
        h5_put(f, name.s, H5_F32, x, flat ? t->cols : t->rows, flat ? 0 : t->cols, 0,
               flat ? t->cols : t->rows);
        int64_t shape[2] = {t->rows, t->cols};
        hash_t h = hash_more(hash_bytes(t->name, strlen(t->name)), shape, sizeof shape);
        for (int64_t r = 0; r < t->rows; r++)
            h = hash_more(h, x + r * t->cols, (size_t)t->cols * sizeof *x);
        hash_hex(h, hex);
        h5_put_text(f, name.s, "xxh3", hex);
        text_reset(&name);
    }
    safetensors_commit(o);
    h5_commit(f);
    back = hf_open(dir, backend_open("cpu"));
    check(hash_equal(model_hash(m), model_hash(back)), "safetensors");
    model_free(back);
    back = model_new(&c, backend_open("cpu"));
    ckpt_t *k = ckpt_open(NULL, path.s);
    ckpt_get_model(k, "param", back);
    check(hash_equal(model_hash(m), model_hash(back)), "checkpoint");
    ckpt_close(k);
    model_free(back);
    model_free(m);
    params_free(&p);
    mem_free(item);
    mem_free(x);
    text_reset(&path);
}

int main(int argc, char **argv)
{
    if (!mkdtemp(dir))
        return 1;
    all_at_once();
    other_forms();
    headers();
    generation();
    every_field();
    test_begin(&argc, &argv);
    whole_files();
    one_row();
    one_row_flat();
    text_t rm = {0};
    text_addf(&rm, "rm -r %s", dir);
    check(!system(rm.s));
    text_reset(&rm);
    return test_end();
}
