// JSON as other software writes it is read in every file of a model directory: numbers beyond 64 bits and
// beyond a double, NaN, half surrogate pairs, a byte order mark, names that are there twice.  Where such a
// value is read it is refused by name; where none is read nobody notices.
// RUN: np=1
#include "put.h"
#include "model_cases.h"
#include "io.h"
#include "io/field.h"
#include "whole_directory.h"

static char dir[] = "/tmp/aletheia-test-XXXXXX";

/* What of each kind stands in fields that nobody reads. */
#define ODD                                                                                        \
    "\"max_length\": 1000000000000000019884624838656, \"min_length\": -9223372036854775809, "      \
    "\"top_k\": 18446744073709551615, \"typical_p\": 1e999, \"temperature\": NaN,\n"               \
    "\"length_penalty\": Infinity, \"diversity_penalty\": [-Infinity, 1e-999, -0.0], "             \
    "\"prefix\": \"\\ud800 \\udc00\\ud83d \\ud83d\\ud83d\\ude00 \\ud800\\ud800 \\u0000 \\/\\b\", " \
    "\"num_beams\": 1, \"num_beams\": 2, \"label2id\": {\"\\u0000\": 1, \"\\udfff\": 2}, "         \
    "\"id2label\": {\"a\": 1, \"\\u0061\": 1}"

static const char plain[] =
    "\"architectures\": [\"LlamaForCausalLM\"], \"vocab_size\": 97, "
    "\"hidden_size\": 36, \"intermediate_size\": 53, \"num_hidden_layers\": 2, "
    "\"num_attention_heads\": 3, \"head_dim\": 12";

static void parse(void *text)
{
    model_config_t c;
    hf_config_parse("config.json", text, &c);
}

static void config_takes(void)
{
    text_t t = {0}, one = {0}, two = {0};
    model_config_t c;
    text_addf(&t, "\xEF\xBB\xBF{%s, \"rms_norm_eps\": 1e-05}", plain);
    hf_config_parse("config.json", t.s, &c);
    hf_config_text(&c, &one);
    text_clear(&t);
    text_addf(&t, "\xEF\xBB\xBF \n{%s,%s, \"rms_norm_eps\": 1e-05, \"rms_norm_eps\": 1e-05}\r\n",
              ODD, plain);
    hf_config_parse("config.json", t.s, &c);
    hf_config_text(&c, &two);
    check(!strcmp(one.s, two.s), "%s\n%s", one.s, two.s);
    text_reset(&t);
    text_reset(&one);
    text_reset(&two);
}

/* A field that is read, with a value that is none. */
static void config_refuses(void)
{
    static const char *const is[][2] = {
        {"\"vocab_size\": 97, \"vocab_size\": 98",
         "field vocab_size: a whole number was expected, found two different values"},
        {"\"rms_norm_eps\": NaN", "field rms_norm_eps: a number was expected, found NaN"},
        {"\"rope_theta\": Infinity", "field rope_theta: a number was expected, found Infinity"},
        {"\"rope_theta\": 1e999",
         "field rope_theta: a number was expected, found a number beyond what a double holds"},
        {"\"max_position_embeddings\": 1000000000000000019884624838656",
         "field max_position_embeddings: a whole number was expected, from 1 to 16777216, found 1e+30"},
        {"\"num_key_value_heads\": 9223372036854775807",
         "field num_key_value_heads: 9223372036854775807 is outside 1 to 65536"},
        {"\"rope_scaling\": {\"type\": \"linear\", \"type\": \"yarn\"}",
         "field rope_scaling.type: a text was expected, found two different values"},
        {"\"rope_scaling\": 1, \"rope_scaling\": {}",
         "field rope_scaling: an object was expected, found two different values"},
        {"\"hidden_act\": \"si\\u0000lu\"", "field hidden_act: it holds a NUL byte"},
        {"\"hidden_act\": \"\\ud800\"", "field hidden_act: \xEF\xBF\xBD is not supported"},
        {"\"a\": [1, }", "not JSON: unexpected token near '}' (line 3"},
        {"\"a\": 1000000000000000000000,\n \"b\": [01]",
         "not JSON: invalid token near '0' (line 4"},
        {"\"x\": {\"a\": 1,\n\"a\": 2,\n\"a\": {}},\n\"b\": [01]",
         "not JSON: invalid token near '0' (line 6"},
        {"\"a\": \"\\x\"", "not JSON: invalid escape"},
        {"\"a\": NaN, \"b\": -NaN", "not JSON: "},
        {"\"a\": \"\xFF\"", "not JSON: unable to decode byte 0xff"},
        {"\"a\": nan", "not JSON"},
        {"\"a\": \"\\ud8\"", "not JSON: invalid"},
        {"\"a\": +1", "not JSON"},
        {"\"a\": [1 2]", "not JSON"},
        {"\"a\"", "not JSON"}};
    for (size_t i = 0; i < sizeof is / sizeof *is; i++) {
        text_t t = {0};
        text_addf(&t, "{%s,\n\n%s}", plain, is[i][0]);
        test_fails(CODE_DATA, parse, t.s, is[i][1]);
        text_reset(&t);
    }
    test_fails(CODE_DATA, parse, "NaN", "config.json: a JSON object was expected at the top");
}

/* Deep and wide: an end, and soon. */
static void hard_ones(void)
{
    text_t t = {0};
    for (int i = 0; i < 100000; i++)
        text_add(&t, "{\"a\":");
    test_fails(CODE_DATA, parse, t.s, "not JSON: maximum parsing depth reached");
    text_clear(&t);
    text_addf(&t, "{%s, \"x\": {", plain);
    for (int i = 0; i < 200000; i++)
        text_addf(&t, "%s\"%d\": %d", i ? "," : "", i % 50000, i);
    text_add(&t, "}, \"is_decoder\": 99999999999999999999}");
    double start = clock_now();
    test_fails(CODE_DATA, parse, t.s, "field x: is not known here");
    check(clock_now() - start < 20, "200000 names took %.1f s", clock_now() - start);
    text_reset(&t);
}

static void add_value(rng_t *r, int depth, text_t *out)
{
    static const char *const leaf[] = {"null",
                                       "true",
                                       "false",
                                       "-9223372036854775808",
                                       "1.5e-7",
                                       "0",
                                       "\"\"",
                                       "\"a\\n\\u0041\\\\\"",
                                       "\"\xE2\x82\xAC\"",
                                       "-12"};
    int kind = depth ? rng_below(r, 4) : 3, n = rng_below(r, 4);
    if (kind > 1) {
        text_add(out, leaf[rng_below(r, sizeof leaf / sizeof *leaf)]);
        return;
    }
    text_add(out, kind ? "{ " : "[\n");
    for (int i = 0; i < n; i++) {
        text_add(out, i ? " ,\t" : "");
        if (kind)
            text_addf(out, "\"k%d\" : ", i);
        add_value(r, depth - 1, out);
    }
    text_add(out, kind ? "}" : " ]");
}

/* What jansson takes keeps every byte; of a text cut short or with a byte changed nothing is made that
   reads as something else. */
static void harmless(void)
{
    for (int i = 0; i < 3000; i++) {
        rng_t r = rng_make(3, RNG_TEST, (uint64_t)i, 1);
        text_t t = {0}, out = {0};
        add_value(&r, 6, &t);
        json_plain(t.s, t.len, &out);
        check(out.len == t.len && !memcmp(out.s, t.s, t.len), "'%s' became '%s'", t.s, out.s);
        text_clear(&out);
        if (i % 2)
            t.s[rng_below(&r, (int)t.len)] = "\"\\{}[],:x"[rng_below(&r, 9)];
        else
            t.len = (size_t)rng_below(&r, (int)t.len);
        t.s[t.len] = 0;
        json_plain(t.s, t.len, &out);
        json_t *a = json_loadb(t.s, t.len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
        json_t *b = json_loadb(out.s, out.len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
        check(!a || json_equal(a, b), "'%s' became '%s'", t.s, out.s);
        check(a || !b || strstr(t.s, "k"), "'%s' became '%s'", t.s, out.s); /* a name twice */
        json_decref(a);
        json_decref(b);
        text_reset(&t);
        text_reset(&out);
    }
}

static void set_values(void)
{
    static const char *const is[][3] =
        {{"{\"a\": 1, \"dtype\": \"float32\"}", "{\"a\": 1, \"dtype\": 7}", "1"},
         {"{\"x\": {\"dtype\": [\"}\"]},\n \"dtype\" : {\"a\": \"\\\"}\"} , \"b\": 2}\n",
          "{\"x\": {\"dtype\": [\"}\"]},\n \"dtype\" : 7 , \"b\": 2}\n", "1"},
         {"{\"dtype\":null}", "{\"dtype\":7}", "1"},
         {"{\"dtype\": 1, \"a\": \"dtype\", \"dtype\": 1 }",
          "{\"dtype\": 7, \"a\": \"dtype\", \"dtype\": 7 }", "1"},
         {"{\"dtypes\": 1}", "{\"dtypes\": 1}", "0"},
         {"{}", "{}", "0"}};
    for (size_t i = 0; i < sizeof is / sizeof *is; i++) {
        text_t t = {0};
        text_add(&t, is[i][0]);
        int found = json_set(&t, "dtype", "7");
        check(found == (*is[i][2] == '1') && !strcmp(t.s, is[i][1]), "%s", t.s);
        text_reset(&t);
    }
}

/* A whole directory, each of its JSON files with a byte order mark and what nobody reads. */
static void directory(void)
{
    model_config_t c;
    text_t t = {0}, tokens = {0};
    text_addf(&t, "{%s}", plain);
    hf_config_parse("config.json", t.s, &c);
    model_t *m = model_new(&c, backend_open("cpu"));
    model_init_random(m, 5);
    hf_write(dir, m, F32, NULL, 1 << 14);
    text_clear(&t);
    text_addf(&t, "\xEF\xBB\xBF{%s, %s}", ODD, plain);
    put(dir, "config.json", t.s);
    text_clear(&t);
    text_addf(&t, "\xEF\xBB\xBF{%s, \"eos_token_id\": [2, 5]}", ODD);
    put(dir, "generation_config.json", t.s);
    text_clear(&t);
    text_addf(&t,
              "\xEF\xBB\xBF{%s, \"model_max_length\": 1000000000000000019884624838656, "
              "\"eos_token\": \"<|im_end|>\", \"bos_token\": {\"content\": \"b\", \"x\": 1e30}}",
              ODD);
    put(dir, "tokenizer_config.json", t.s);
    text_clear(&t);
    text_addf(&t, "\xEF\xBB\xBF{%s}", ODD);
    put(dir, "special_tokens_map.json", t.s);
    ASSERT(!text_read_file(&tokens, "tests/data/tokenizer_base/tokenizer.json"));
    text_clear(&t);
    text_addf(&t, "\xEF\xBB\xBF{%s, \"truncation\": {\"max_length\": 1e30}, \"padding\": {}, %s",
              ODD, strstr(tokens.s, "\"added_tokens\""));
    put(dir, "tokenizer.json", t.s);
    text_t path = {0}, index = {0};
    text_addf(&path, "%s/model.safetensors.index.json", dir);
    ASSERT(!text_read_file(&index, path.s));
    text_clear(&t);
    text_addf(&t, "\xEF\xBB\xBF{%s, \"metadata\": {\"total_size\": 99999999999999999999999}, %s",
              ODD, strstr(index.s, "\"weight_map\""));
    put(dir, "model.safetensors.index.json", t.s);
    text_clear(&path);
    log_set_rank(1);
    check(whole_look(dir, &path) == 0, "%s", path.s);
    log_set_rank(0);
    hf_chat_t chat;
    hf_chat_read(dir, &chat);
    check(chat.n_end == 2 && chat.end[1] == 5 && !strcmp(chat.eos, "<|im_end|>") &&
          !strcmp(chat.bos, "b"));
    hf_chat_reset(&chat);
    model_t *back = hf_open(dir, backend_open("cpu"));
    check(hash_equal(model_hash(back), model_hash(m)));
    model_free(m);
    model_free(back);
    text_reset(&t);
    text_reset(&tokens);
    text_reset(&path);
    text_reset(&index);
}

/* A token's text with a NUL in it is what the token decodes to. */
static void nul_token(void)
{
    text_t tokens = {0}, t = {0}, back = {0};
    ASSERT(!text_read_file(&tokens, "tests/data/tokenizer_base/tokenizer.json"));
    char *at = strstr(tokens.s, "\"vocab\"");
    at = strchr(at, '{') + 1;
    text_addf(&t, "%.*s\"x\\u0000\\u0000 y\": 903, %s", (int)(at - tokens.s), tokens.s, at);
    char *added = strstr(t.s, "\"added_tokens\""), *end = added;
    end = strstr(added, "\"normalizer\"");
    text_clear(&tokens);
    text_addf(&tokens, "%.*s%s", (int)(added - t.s), t.s, end);
    put(dir, "tokenizer.json", tokens.s);
    tokenizer_t *k = tokenizer_open(dir);
    tokenizer_decode(k, (int32_t[]){903}, 1, 1, &back);
    check(back.len == 5 && !memcmp(back.s, "x\0\0 y", 5), "%zu bytes", back.len);
    tokenizer_free(k);
    text_reset(&tokens);
    text_reset(&t);
    text_reset(&back);
}

int main(int argc, char **argv)
{
    if (!mkdtemp(dir))
        return 1;
    config_refuses();
    hard_ones();
    test_begin(&argc, &argv);
    config_takes();
    harmless();
    set_values();
    directory();
    nul_token();
    text_t rm = {0};
    text_addf(&rm, "rm -r %s", dir);
    check(!system(rm.s));
    text_reset(&rm);
    return test_end();
}
