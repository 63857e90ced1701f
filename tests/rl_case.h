/* A world small enough to train in: a bank of 24 problems, a tokenizer made from its
   own prompts, and a model directory whose random model ends an answer with probability
   about 1/14 at every token, so that lengths, and with them overlong rewards, differ
   within a group.  Made under TEST_TMP by the first rank. */
#pragma once
#include "test.h"
#include "rl.h"
#include <sys/stat.h>
#include <unistd.h>

enum { CASE_PROBLEMS = 24, CASE_VOCAB = 330 };

static inline const char *case_dir(void)
{
    const char *dir = getenv("TEST_TMP");
    return dir ? dir : "/tmp";
}

static inline void case_path(char out[512], const char *name)
{
    snprintf(out, 512, "%s/%s", case_dir(), name);
}

/* Candidate k of a problem prints the sum plus k and passes 3 - k tests of 3. */
static inline bank_t case_bank(void)
{
    bank_t b = {0};
    char s[200];
    for (int i = 0; i < CASE_PROBLEMS; i++) {
        snprintf(s, sizeof s, "Print the sum of the inputs and %d.", i);
        problem_t p = {hash_bytes(s, strlen(s)),
                       i % 4 ? SUITE_TRAIN : SUITE_HELDOUT,
                       mem_text("sums"),
                       mem_text(s),
                       0,
                       1000,
                       65536,
                       b.n_test,
                       3,
                       mem_text("1 2"),
                       NULL,
                       LANG_PYTHON,
                       {0, 0, 0, 0},
                       NULL,
                       LANG_PYTHON};
        PUSH(b.problem, b.n_problem, b.cap_problem, p);
        for (int t = 0; t < 3; t++) {
            snprintf(s, sizeof s, "%d\n", t);
            test_t one = {i,          mem_text(s), mem_text(s), CHECK_TOKENS,
                          FORM_STDIN, strlen(s),   strlen(s),   0,
                          0};
            PUSH(b.test, b.n_test, b.cap_test, one);
        }
        list_t l =
            {i % 4 ? SUITE_TRAIN : SUITE_HELDOUT, i, 2 + i % 2, {0}, i % (2 + i % 2), EDIT_NONE, 0};
        for (int k = 0; k < 3; k++) {
            snprintf(s, sizeof s, "print(sum(a) + %d)\n", i + k);
            char core[64];
            snprintf(core, sizeof core, "sum a + %d", i + k);
            program_t r = {hash_bytes(s, strlen(s)),
                           i,
                           LANG_PYTHON,
                           k ? POOL_WEAK : POOL_REFERENCE,
                           mem_text(s),
                           mem_text(k ? "constant changed" : ""),
                           mem_text(core),
                           mem_text(core),
                           NAN,
                           LABEL_EXECUTED,
                           strlen(s)};
            PUSH(b.program, b.n_program, b.cap_program, r);
            for (int t = 0; t < 3; t++) {
                verdict_t v = {b.n_program - 1,
                               p.test + t,
                               t < 3 - 2 * k ? V_ACCEPTED : V_WRONG_ANSWER,
                               IN_UNKNOWN,
                               9,
                               9,
                               r.id,
                               0,
                               0,
                               NULL};
                PUSH(b.verdict, b.n_verdict, b.cap_verdict, v);
            }
            if (k < l.n)
                l.program[k == 0 ? l.answer : k <= l.answer ? k - 1 : k] = b.n_program - 1;
        }
        PUSH(b.list, b.n_list, b.cap_list, l);
    }
    bank_rates(&b);
    return b;
}

/* A chain of tokens that ends an answer, \boxed{X} with a letter and the stop behind it: a token's
   embedding says where in the chain it stands, and makes the next one likely. */
static inline void case_chain(const tokenizer_t *t, int stop, int width, float *embedding,
                              float *head)
{
    static const char *const box[] = {"\\boxed{A}", "\\boxed{B}", "\\boxed{C}"};
    for (int k = 0; k < 3; k++) {
        int32_t *id = NULL;
        int n = 0, cap = 0;
        tokenizer_encode(t, box[k], strlen(box[k]), 1, &id, &n, &cap);
        for (int i = 0; i < width; i++)
            head[id[0] * width + i] = 4.6f / (float)width;
        for (int i = 0; i < n; i++) {
            embedding[id[i] * width + i] = 2;
            head[(i + 1 < n ? id[i + 1] : stop) * width + i] = 1.5f;
        }
        mem_free(id);
    }
}

/* answers: some of what it says are answers, and some of these are right. */
static inline void case_model(const char *dir, const char *backend, int answers)
{
    char path[600];
    static const char *const special[] = {"<|endoftext|>", "<|im_start|>", "<|im_end|>"};
    bank_t b = case_bank();
    template_t *chatml = template_named("chatml");
    text_t text = {0};
    for (int i = 0; i < b.n_list; i++) {
        prompt_text(&text, chatml, &b, &b.list[i], MODE_INSTRUCT);
        trace_text(&text, chatml, &b, &b.list[i], MODE_THINK);
    }
    mkdir(dir, 0777);
    snprintf(path, sizeof path, "%s/tokenizer.json", dir);
    tokenizer_train(path, text.s, text.len, CASE_VOCAB, special, 3);
    snprintf(path, sizeof path, "%s/tokenizer_config.json", dir);
    text_clear(&text);
    text_add(&text, "{\"eos_token\": \"<|im_end|>\"}\n");
    ASSERT(!text_write_file(path, text.s, text.len));
    text_reset(&text);
    template_free(chatml);
    bank_free(&b);
    tokenizer_t *t = tokenizer_open(dir);
    int stop = tokenizer_special(t, "<|im_end|>");
    model_config_t c = {.arch = "Qwen2ForCausalLM",
                        .vocab = CASE_VOCAB,
                        .width = 32,
                        .layers = 2,
                        .heads = 4,
                        .kv_heads = 2,
                        .head_dim = 8,
                        .ffn = 48,
                        .max_position = 512,
                        .qkv_bias = 1,
                        .rms_eps = 1e-6f,
                        .rope.theta = 10000};
    model_t *m = model_new(&c, backend_open(backend));
    model_init_random(m, 3);
    float *w = ALLOC(float, (size_t)c.vocab *c.width),
          *head = ALLOC(float, (size_t)c.vocab *c.width);
    model_get(m, "model.embed_tokens.weight", w);
    for (int i = 0; i < c.vocab * c.width; i++) /* all hidden states lean the same way */
        w[i] += 0.05f;
    model_get(m, "lm_head.weight", head);
    for (int i = 0; i < c.width; i++)
        head[stop * c.width + i] = (answers ? 2.4f : 3.6f) / (float)c.width;
    if (answers)
        case_chain(t, stop, c.width, w, head);
    model_put(m, "model.embed_tokens.weight", w);
    model_put(m, "lm_head.weight", head);
    model_commit(m);
    hf_write(dir, m, F32, NULL, HF_SHARD_BYTES);
    mem_free(w), mem_free(head);
    model_free(m);
    tokenizer_free(t);
}

static inline const char *case_backend(void)
{
    const char *name = getenv("ALETHEIA_BACKEND");
    return name ? name : "cpu";
}

/* collective(world) */
static inline void case_make_model(int answers)
{
    char model[512], problems[512];
    log_set_rank(1); /* silent when right */
    case_path(model, "model");
    case_path(problems, "problems.h5");
    if (group_rank(comm_world()) == 0)
        case_model(model, case_backend(), answers);
    bank_t b = case_bank();
    bank_write(comm_world(), &b, problems, "");
    bank_free(&b);
    comm_barrier(comm_world());
}

static inline void case_make(void)
{
    case_make_model(0);
}

/* A deck for that world, its run directory by name; more: overrides, "run.steps=3 recipe.lr=1". */
static inline deck_t *case_deck(const char *run, const char *more)
{
    text_t t = {0};
    char words[2048], *word[32];
    int n = 0;
    text_addf(&t,
              "[run]\ndir = %s/%s\nsave_every = 0\n[model]\ndir = "
              "%s/model\n[data]\nproblems = %s/problems.h5\n"
              "[layout]\nbackend = %s\n[sampler]\nmax_prompt = 200\nwidth = 16\n"
              "[recipe]\nname = grpo-instruct\ngroup = 4\nprompts = 7\nmax_new = "
              "24\noverlong_cache = 24\nlr = 1e-3\n"
              "micro_tokens = 300\n[sft]\nbatch = 7\nmax_answer = 200\n[eval]\nmax_new = "
              "24\nmax_prompt = 200\n",
              case_dir(), run, case_dir(), case_dir(), case_backend());
    snprintf(words, sizeof words, "%s", more);
    for (char *w = strtok(words, " "); w && n < 32; w = strtok(NULL, " "))
        word[n++] = w;
    deck_t *d = deck_parse(run, t.s, n, word);
    text_reset(&t);
    return d;
}

static inline hash_t case_hash(const trainer_t *r, buf_t block)
{
    size_t n = (size_t)r->net.count * sizeof(float);
    float *host = ALLOC(float, r->net.count);
    r->net.ops->get(host, block, n);
    hash_t h = hash_bytes(host, n);
    mem_free(host);
    return h;
}
