// Whatever is wrong with a model directory, with a field of config.json, a shard, its index, or
// between them, ends with code 3 and names the place.
// RUN: np=1
#include "put.h"
#include "io.h"
#include "model_cases.h"
#include <unistd.h>

static char dir[] = "/tmp/aletheia-test-XXXXXX";
static model_config_t config;

/* config.json ------------------------------------------------------------------------ */

static const char *const fields[][2] = {{"architectures", "[\"Qwen2ForCausalLM\"]"},
                                        {"vocab_size", "97"},
                                        {"hidden_size", "36"},
                                        {"intermediate_size", "53"},
                                        {"num_hidden_layers", "2"},
                                        {"num_attention_heads", "3"},
                                        {"num_key_value_heads", "1"},
                                        {"head_dim", "10"},
                                        {"max_position_embeddings", "64"},
                                        {"rms_norm_eps", "1e-6"},
                                        {"rope_theta", "10000.0"},
                                        {"tie_word_embeddings", "true"},
                                        {"use_sliding_window", "false"},
                                        {"hidden_act", "\"silu\""},
                                        {"rope_scaling", "null"},
                                        {"rope_parameters", "null"},
                                        {"layer_types",
                                         "[\"full_attention\", \"full_attention\"]"}};
enum { FIELDS = sizeof fields / sizeof *fields };

/* The fields above, of which some have other values: pairs of name and value, value NULL: left out;
   then NULL. */
static text_t config_with(const char *const *other)
{
    text_t t = {0};
    text_add(&t, "{");
    for (int i = 0; i < FIELDS; i++) {
        const char *value = fields[i][1];
        for (int k = 0; other[k]; k += 2)
            if (!strcmp(other[k], fields[i][0]))
                value = other[k + 1];
        if (value)
            text_addf(&t, "%s\"%s\": %s", t.len > 1 ? ", " : "", fields[i][0], value);
    }
    text_add(&t, "}");
    return t;
}

static void parse(void *text)
{
    model_config_t c;
    hf_config_parse("dir/config.json", text, &c);
}

static void refuse_text(const char *text, const char *part)
{
    test_fails(CODE_DATA, parse, (void *)text, part);
}

#define refuse(part, ...) refuse_with((const char *const[]){__VA_ARGS__, NULL, NULL}, part)
static void refuse_with(const char *const *other, const char *part)
{
    text_t t = config_with(other);
    refuse_text(t.s, part);
    text_reset(&t);
}

/* Every field with every type that it must not have; the message names file and field. */
static void wrong_types(void)
{
    /* i: whole number, real, text, flag, list, object */
    static const char *const value[] = {"7", "1.5", "\"a\"", "true", "[]", "{}"};
    static const struct {
        const char *field, *takes;
    } is[] =
        {{"architectures", "l"},       {"vocab_size", "i"},        {"hidden_size", "i"},
         {"intermediate_size", "i"},   {"num_hidden_layers", "i"}, {"num_attention_heads", "i"},
         {"num_key_value_heads", "i"}, {"head_dim", "i"},          {"max_position_embeddings", "i"},
         {"rms_norm_eps", "ir"},       {"rope_theta", "ir"},       {"tie_word_embeddings", "f"},
         {"use_sliding_window", "f"},  {"hidden_act", "t"},        {"rope_scaling", "o"},
         {"rope_parameters", "o"},     {"layer_types", "l"}};
    for (size_t i = 0; i < sizeof is / sizeof *is; i++)
        for (int k = 0; k < 6; k++) {
            char part[100];
            snprintf(part, sizeof part, "dir/config.json: field %s: ", is[i].field);
            if (!strchr(is[i].takes, "irtflo"[k]))
                refuse(part, is[i].field, value[k]);
        }
}

static void missing(void)
{
    for (int i = 0; i < 6; i++) {
        char part[100];
        snprintf(part, sizeof part,
                 i ? "dir/config.json: field %s: missing"
                   : "field %s: a list was expected, found nothing",
                 fields[i][0]);
        refuse(part, fields[i][0], NULL);
        refuse(part, fields[i][0], "null");
    }
}

static void bad_configs(void)
{
    const char *const none[] = {NULL};
    text_t t = config_with(none), deep = {0};
    test_fails(0, parse, t.s, "");
    for (size_t i = t.len - 1; i > 0; i -= 37) { /* cut off anywhere */
        t.s[i] = 0;
        refuse_text(t.s, "dir/config.json: not JSON");
        if (i < 37)
            break;
    }
    text_reset(&t);
    refuse_text("", "dir/config.json: not JSON");
    refuse_text("null", "dir/config.json: ");
    refuse_text("[]", "dir/config.json: a JSON object was expected");
    refuse_text("{\"a\": \"\xFF\"}", "dir/config.json: not JSON: unable to decode byte 0xff");
    for (int i = 0; i < 100000; i++)
        text_add(&deep, "[");
    refuse_text(deep.s, "maximum parsing depth");
    text_reset(&deep);
    missing();
    wrong_types();
}

/* Fields that contradict each other, and sizes with which nothing can be computed. */
static void contradictions(void)
{
    refuse("field architectures: one name", "architectures",
           "[\"Qwen2ForCausalLM\", \"LlamaForCausalLM\"]");
    refuse("field architectures: one name", "architectures", "[]");
    refuse("field architectures: one name", "architectures", "[7]");
    refuse("num_attention_heads = 3 must be a multiple of num_key_value_heads = 2",
           "num_key_value_heads", "2");
    refuse("num_attention_heads = 3 must be a multiple of num_key_value_heads = 6",
           "num_key_value_heads", "6");
    refuse("must be a multiple of num_key_value_heads = 32", "num_key_value_heads", NULL);
    refuse("field hidden_size: 37 is no multiple of num_attention_heads 3", "hidden_size", "37",
           "head_dim", NULL);
    refuse("head_dim", "hidden_size", "2", "head_dim", NULL);
    refuse("head_dim = 9 must be even", "head_dim", "9");
    refuse("field layer_types: 1 entries for 2 layers", "layer_types", "[\"full_attention\"]");
    refuse("field vocab_size: 0 is outside", "vocab_size", "0");
    refuse("field hidden_size: -36 is outside", "hidden_size", "-36");
    refuse("field vocab_size: 9223372036854775807 is outside", "vocab_size", "9223372036854775807");
    refuse("field num_hidden_layers: 1000000 is outside", "num_hidden_layers", "1000000");
    refuse("rms_norm_eps = 0 must be between 0 and 1", "rms_norm_eps", "0");
    refuse("rms_norm_eps = -1e-06", "rms_norm_eps", "-1e-6");
    refuse("rms_norm_eps = inf", "rms_norm_eps", "1e300");
    refuse("rope_theta = 0 must be above 1", "rope_theta", "0");
    refuse("parameters are more than any model has", "num_attention_heads", "65536",
           "num_key_value_heads", "65536", "head_dim", "65536");
    refuse("parameters are more than any model has", "hidden_size", "1048576", "intermediate_size",
           "16777216", "num_hidden_layers", "1024", "layer_types", NULL);
}

/* weights ------------------------------------------------------------------------------ */

typedef struct { /* one tensor that is not as it should be */
    const char *name, *dtype, *shape;
    int64_t bytes; /* of its data */
    uint32_t bits; /* little-endian, at byte 4 of it */
} odd_t;

/* Tensors [from, to) of the model as float32 zeros; `odd` replaces its namesake, or comes last. */
static void weights(const char *file, int from, int to, odd_t odd)
{
    params_t p = params_new(&config);
    text_t h = {0}, t = {0}, path = {0};
    int64_t at = 0, odd_at = -1;
    for (int i = from; i <= p.n && i <= to; i++) {
        const param_t *q = i < p.n && i < to ? &p.tensor[i] : NULL;
        int is_odd = odd.name && (q ? !strcmp(q->name, odd.name) : odd_at < 0),
            vector = q && q->rows == 1;
        if (!q && !is_odd)
            break;
        char shape[60];
        if (q)
            snprintf(shape, sizeof shape, "%.*lld%.*s%lld", vector ? 0 : 1,
                     vector ? 0 : (long long)q->rows, !vector, ",", (long long)q->cols);
        int64_t bytes = is_odd ? odd.bytes : 4 * q->rows * q->cols;
        odd_at = is_odd ? at : odd_at;
        text_addf(&h, "%c\"%s\":{\"dtype\":\"%s\",\"shape\":[%s],\"data_offsets\":[%lld,%lld]}",
                  h.len ? ',' : '{', is_odd ? odd.name : q->name, is_odd ? odd.dtype : "F32",
                  is_odd ? odd.shape : shape, (long long)at, (long long)(at + bytes));
        at += bytes;
    }
    text_add(&h, "}");
    for (int i = 0; i < 8; i++)
        text_addn(&t, &(char){(char)(h.len >> 8 * i)}, 1);
    text_addn(&t, h.s, h.len);
    char *data = ALLOC(char, at + 8);
    if (odd_at >= 0 && odd.bytes >= 8)
        memcpy(data + odd_at + 4, &odd.bits, 4);
    text_addn(&t, data, (size_t)at);
    text_addf(&path, "%s/%s", dir, file);
    ASSERT(!text_write_file(path.s, t.s, t.len));
    mem_free(data);
    text_reset(&h);
    text_reset(&t);
    text_reset(&path);
    params_free(&p);
}

static void open_dir(void *arg)
{
    (void)arg;
    model_free(hf_open(dir, case_ops()));
}

static void refused(const char *part)
{
    test_fails(CODE_DATA, open_dir, NULL, part);
}

static void cut(const char *file, int64_t size)
{
    text_t path = {0};
    text_addf(&path, "%s/%s", dir, file);
    ASSERT(!truncate(path.s, size));
    text_reset(&path);
}

#define ALL "model.safetensors", 0, 999
static const char norm[] = "model.layers.1.input_layernorm.weight",
                  down[] = "model.layers.0.mlp.down_proj.weight";

static void bad_tensors(void)
{
    weights(ALL, (odd_t){0});
    test_fails(0, open_dir, NULL, "");
    weights(ALL, (odd_t){norm, "I64", "36", 288, 0});
    refused(
        "model.safetensors: tensor model.layers.1.input_layernorm.weight is of type I64; F32, F16 or BF16 was expected");
    weights(ALL, (odd_t){norm, "F64", "36", 288, 0});
    refused("input_layernorm.weight is of type F64; F32");
    weights(ALL, (odd_t){down, "F8_E4M3", "36,53", 36 * 53, 0});
    refused("down_proj.weight is of type F8_E4M3; F32");
    weights(ALL, (odd_t){down, "F8_E5M2", "36,53", 36 * 53, 0});
    refused("down_proj.weight is of type F8_E5M2; F32");
    weights(ALL, (odd_t){down, "F32", "36,53", 4 * 36 * 53, 0x7FC00000});
    refused("model.safetensors: tensor model.layers.0.mlp.down_proj.weight, element 1 is NaN");
    weights(ALL, (odd_t){down, "F32", "36,53", 4 * 36 * 53, 0xFF800000});
    refused("down_proj.weight, element 1 is infinite");
    weights(ALL, (odd_t){down, "BF16", "36,53", 2 * 36 * 53, 0x7F800000});
    refused("down_proj.weight, element 3 is infinite");
    weights(ALL, (odd_t){down, "F16", "36,53", 2 * 36 * 53, 0x00007E00});
    refused("down_proj.weight, element 2 is NaN");
    weights(ALL, (odd_t){down, "F32", "53,36", 4 * 36 * 53, 0});
    refused("down_proj.weight has shape [53, 36]; [36, 53] was expected");
    weights(ALL, (odd_t){down, "F32", "1908", 4 * 36 * 53, 0});
    refused("down_proj.weight has shape [1908]; [36, 53] was expected");
    weights(ALL, (odd_t){norm, "F32", "1,36", 144, 0});
    refused("input_layernorm.weight has shape [1, 36]; [36] was expected");
    weights(ALL, (odd_t){norm, "F32", "0", 0, 0});
    refused("input_layernorm.weight has shape [0]; [36] was expected");
    weights(ALL, (odd_t){norm, "F32", "", 4, 0});
    refused("input_layernorm.weight has shape []; [36] was expected");
    weights(ALL, (odd_t){norm, "F32", "37", 144, 0});
    refused(
        "field model.layers.1.input_layernorm.weight.data_offsets: 144 bytes for 37 elements of F32");
    weights(ALL, (odd_t){norm, "F32", "4611686018427387904,4611686018427387904,36", 144, 0});
    refused("field model.layers.1.input_layernorm.weight.shape: at most 8 sizes");
    weights(ALL, (odd_t){"empty", "F32", "0,7", 0, 0});
    refused("tensor empty is not part of the Qwen2ForCausalLM");
    weights(ALL, (odd_t){0});
    cut("model.safetensors", 500);
    refused("model.safetensors: a header of");
    weights(ALL, (odd_t){0});
    cut("model.safetensors", 20000);
    refused("but the file has");
}

/* config.json describes another model than the one whose weights are there. */
static void other_model(void)
{
    static const char *const is[][3] =
        {{"vocab_size", "96",
          "tensor model.embed_tokens.weight has shape [97, 36]; [96, 36] was expected"},
         {"hidden_size", "40",
          "tensor model.embed_tokens.weight has shape [97, 36]; [97, 40] was expected"},
         {"intermediate_size", "54",
          "tensor model.layers.0.mlp.gate_proj.weight has shape [53, 36]; [54, 36] was expected"},
         {"num_attention_heads", "4", "q_proj.weight has shape [30, 36]; [40, 36] was expected"},
         {"num_key_value_heads", "3", "k_proj.weight has shape [10, 36]; [30, 36] was expected"},
         {"head_dim", "12", "q_proj.weight has shape [30, 36]; [36, 36] was expected"},
         {"num_hidden_layers", "3", "tensor model.layers.2."},
         {"num_hidden_layers", "1", "tensor model.layers.1."},
         {"tie_word_embeddings", "false",
          "tensor lm_head.weight is missing; shape [97, 36] was expected"},
         {"architectures", "[\"LlamaForCausalLM\"]",
          "is not part of the LlamaForCausalLM that config.json describes"}};
    weights(ALL, (odd_t){0});
    for (size_t i = 0; i < sizeof is / sizeof *is; i++) {
        const char *const other[] = {is[i][0], is[i][1], "layer_types", NULL, NULL};
        text_t t = config_with(other);
        put(dir, "config.json", t.s);
        refused(is[i][2]);
        text_reset(&t);
    }
    const char *const none[] = {NULL};
    text_t t = config_with(none);
    put(dir, "config.json", t.s);
    text_reset(&t);
}

/* An index that says tensor i is in file[i % 2]. */
static void bad_index(void)
{
    static const char name[] = "model.safetensors.index.json";
    params_t p = params_new(&config);
    put(dir, "model.safetensors", NULL);
    put(dir, name, "{\"weight_map\": ");
    refused("model.safetensors.index.json: not JSON");
    put(dir, name, "{\"metadata\": {}}");
    refused(
        "model.safetensors.index.json: field weight_map: an object was expected, found nothing");
    put(dir, name, "{\"weight_map\": [\"one\"]}");
    refused("field weight_map: an object was expected, found a list");
    put(dir, name, "{\"weight_map\": {\"a\": 7}}");
    refused("field weight_map.a: a text was expected, found a whole number");
    put(dir, name, "{\"weight_map\": {\"a\": \"\"}}");
    refused("field weight_map.a: '': the name of a file in the same directory");
    put(dir, name, "{\"weight_map\": {\"a\": \"/etc/passwd\"}}");
    refused("field weight_map.a: '/etc/passwd': the name of a file in the same directory");
    put(dir, name, "{\"weight_map\": {\"a\": \"../other/model.safetensors\"}}");
    refused(
        "field weight_map.a: '../other/model.safetensors': the name of a file in the same directory");
    put(dir, name, "{\"weight_map\": {\"a\": \"..\"}}");
    refused("not a safetensors file");
    put(dir, name, "{\"weight_map\": {\"a\": \"one.safetensors\"}}");
    refused("one.safetensors: cannot be read: No such file");
    text_t t = {0};
    for (int i = 0; i < p.n; i++)
        text_addf(&t, "%s\"%s\": \"%s.safetensors\"", i ? ", " : "{\"weight_map\": {",
                  p.tensor[i].name, i < 5 ? "one" : "two");
    text_add(&t, "}}");
    put(dir, name, t.s);
    weights("one.safetensors", 0, 5, (odd_t){0});
    refused("two.safetensors: cannot be read: No such file");
    weights("two.safetensors", 5, 999, (odd_t){0});
    test_fails(0, open_dir, NULL, "");
    text_t other = {0};
    text_addf(&other, "%.*s, \"no.such.tensor\": \"one.safetensors\"}}", (int)t.len - 2, t.s);
    put(dir, name, other.s);
    refused("field weight_map.no.such.tensor: one.safetensors does not hold this tensor");
    text_clear(&other);
    text_addf(&other,
              "{\"weight_map\": {\"%s\": \"two.safetensors\", \"%s\": \"one.safetensors\"}}",
              p.tensor[0].name, p.tensor[5].name);
    put(dir, name, other.s);
    refused(
        "field weight_map.model.embed_tokens.weight: two.safetensors does not hold this tensor");
    text_reset(&other);
    put(dir, name, t.s);
    weights("two.safetensors", 4, 999, (odd_t){0});
    refused("is in both one.safetensors and two.safetensors");
    weights("two.safetensors", 6, 999, (odd_t){0});
    refused("two.safetensors does not hold this tensor");
    weights("two.safetensors", 5, 999, (odd_t){norm, "BF16", "36", 72, 0x7FC0});
    refused("two.safetensors: tensor model.layers.1.input_layernorm.weight, element 2 is NaN");
    weights("two.safetensors", 5, 999, (odd_t){"extra", "F32", "2", 8, 0});
    refused("two.safetensors: tensor extra is not part of the Qwen2ForCausalLM");
    weights("two.safetensors", 5, 999, (odd_t){0});
    cut("two.safetensors", 300);
    refused("two.safetensors: a header of");
    params_free(&p);
    text_reset(&t);
}

int main(int argc, char **argv)
{
    static const char *const made[] = {"config.json", "one.safetensors", "two.safetensors",
                                       "model.safetensors.index.json"};
    if (!mkdtemp(dir))
        return 1;
    bad_configs();
    contradictions();
    const char *const none[] = {NULL};
    text_t t = config_with(none);
    put(dir, "config.json", t.s);
    hf_config_parse("config.json", t.s, &config);
    text_reset(&t);
    bad_tensors();
    other_model();
    bad_index();
    test_begin(&argc, &argv);
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        put(dir, made[i], NULL);
    check(!rmdir(dir));
    return test_end();
}
