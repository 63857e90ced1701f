// A model is asked as its own chat template would ask it: every template's prompt in both modes is
// the literal text that transformers' apply_chat_template gives for one user message; what cannot
// be decided or read is refused by name; what ends an answer is the template's and the model's.
// RUN: np=1
#include "put.h"
#include "test.h"
#include "testbed.h"
#include <sys/stat.h>

/* One list: the question as it stands in every prompt. */
#define ASK     "Double it.\n"
#define EXAMPLE "Example: 3\n"
#define REST    "A:\nprint(2 * n)\nB:\nprint(n)\nWhich program is right? Box its letter."

static bank_t case_bank(const char *statement)
{
    bank_t b = {0};
    problem_t p = {.statement = mem_text(statement),
                   .family = mem_text("x"),
                   .example = mem_text("3")};
    PUSH(b.problem, b.n_problem, b.cap_problem, p);
    for (int i = 0; i < 2; i++) {
        program_t q = {.source = mem_text(i ? "print(n)" : "print(2 * n)\n"),
                       .n_source = i ? 8 : 13,
                       .origin = mem_text(""),
                       .core = mem_text(i ? "n" : "2 n"),
                       .walk = mem_text("")};
        PUSH(b.program, b.n_program, b.cap_program, q);
    }
    list_t l = {.n = 2, .program = {0, 1}};
    PUSH(b.list, b.n_list, b.cap_list, l);
    return b;
}

/* Model directories ------------------------------------------------------------------ */

/* TEST_TMP/model anew, with these special tokens (from id 256 on) and files; NULL: no such file. */
static const char *model(const char *tokens, const char *config, const char *jinja,
                         const char *generation)
{
    static char dir[512], words[1024];
    const char *special[16];
    int n = 0;
    snprintf(dir, sizeof dir, "%s/model", getenv("TEST_TMP") ? getenv("TEST_TMP") : "/tmp");
    mkdir(dir, 0777);
    snprintf(words, sizeof words, "%s", tokens);
    for (char *w = strtok(words, " "); w; w = strtok(NULL, " "))
        special[n++] = w;
    text_t path = {0};
    text_addf(&path, "%s/tokenizer.json", dir);
    tokenizer_train(path.s, "", 0, 256 + n, special, n);
    text_reset(&path);
    put(dir, "tokenizer_config.json", config);
    put(dir, "chat_template.jinja", jinja);
    put(dir, "generation_config.json", generation);
    put(dir, "config.json", NULL);
    return dir;
}

static template_t *open_with(const char *dir, const char *overrides)
{
    char words[2048], *word[8];
    int n = 0;
    snprintf(words, sizeof words, "%s", overrides);
    for (char *w = strtok(words, "|"); w; w = strtok(NULL, "|"))
        word[n++] = w;
    word[n++] =
        (char *)(uintptr_t) "prompt.question=brief"; /* testbed_questions.c looks at others */
    deck_t *d = deck_parse("test", "", n, word);
    tokenizer_t *tokenizer = dir ? tokenizer_open(dir) : NULL;
    template_t *t = template_open(d, dir, tokenizer);
    tokenizer_free(tokenizer);
    deck_free(d);
    return t;
}

/* The families ----------------------------------------------------------------------- */

#define IM "<|endoftext|> <|im_start|> <|im_end|>"
#define IM_TURN \
    "{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>' + '\\n' }}{% endfor %}"
#define LLAMA \
    "<|begin_of_text|> <|end_of_text|> <|start_header_id|> <|end_header_id|> <|eot_id|> <|eom_id|>"
#define LLAMA_CONFIG "{\"bos_token\": \"<|begin_of_text|>\", \"eos_token\": \"<|eot_id|>\"}"
#define DEEPSEEK \
    "<｜end▁of▁sentence｜> <｜User｜> <｜Assistant｜> <｜begin▁of▁sentence｜> <think> </think>"
#define DEEPSEEK_CONFIG                                                                              \
    "{\"bos_token\": {\"__type\": \"AddedToken\", \"content\": \"<｜begin▁of▁sentence｜>\"}, " \
    "\"tokenizer_class\": \"LlamaTokenizerFast\""
#define SYSTEM_SMOL "You are a helpful AI assistant named SmolLM, trained by Hugging Face"
#define SYSTEM_25   "You are Qwen, created by Alibaba Cloud. You are a helpful assistant."

/* What `aletheia init` makes: of its first days without a chat template. */
#define IM_CONFIG "{\"eos_token\": \"<|im_end|>\"}"

static const struct {
    const char *what, *tokens, *config, *jinja, *overrides, *name, *before, *think, *instruct;
} families[] = {
    {"SmolLM2-135M-Instruct", "<repo_name> " IM " <file_sep>",
     "{\"bos_token\": \"<|im_start|>\", \"eos_token\": \"<|im_end|>\"}",
     "{% for m in messages %}{% if loop.first and m['role'] != 'system' %}{{ '<|im_start|>system\n" SYSTEM_SMOL
     "<|im_end|>\n' }}{% endif %}{{'<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>' + '\n'}}{% endfor %}",
     "", "chatml", "<|im_start|>system\n" SYSTEM_SMOL "<|im_end|>\n<|im_start|>user\n",
     "<|im_end|>\n<|im_start|>assistant\n<think>\n", "<|im_end|>\n<|im_start|>assistant\n"},
    {"a directory made by `aletheia init`", IM, IM_CONFIG, NULL, "", "chatml", "<|im_start|>user\n",
     "<|im_end|>\n<|im_start|>assistant\n<think>\n", "<|im_end|>\n<|im_start|>assistant\n"},
    {"Qwen2.5-7B-Instruct: its template puts a system message in", IM,
     "{\"chat_template\": \"{%- if tools %}{{- '<|im_start|>system\\\\n' }}{%- else %}{{- '<|im_start|>system\\\\n" SYSTEM_25
     "<|im_end|>\\\\n' }}{%- endif %}\"}",
     NULL, "", "chatml", "<|im_start|>system\n" SYSTEM_25 "<|im_end|>\n<|im_start|>user\n",
     "<|im_end|>\n<|im_start|>assistant\n<think>\n", "<|im_end|>\n<|im_start|>assistant\n"},
    {"Qwen2-7B-Instruct: another one, its newlines real ones", IM,
     "{\"chat_template\": \"{{ '<|im_start|>system\\nYou are a helpful assistant.<|im_end|>\\n' }}\"}",
     NULL, "", "chatml",
     "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\n",
     "<|im_end|>\n<|im_start|>assistant\n<think>\n", "<|im_end|>\n<|im_start|>assistant\n"},
    {"Qwen2.5-Math-7B-Instruct: one with escapes, in a file of its own", IM, "{}",
     "{{- '<|im_start|>system\\nPlease reason step by step, and don\\'t guess: \\\\boxed{}.<|im_end|>\\n' }}",
     "", "chatml",
     "<|im_start|>system\nPlease reason step by step, and don't guess: \\boxed{}.<|im_end|>\n<|im_start|>user\n",
     "<|im_end|>\n<|im_start|>assistant\n<think>\n", "<|im_end|>\n<|im_start|>assistant\n"},
    {"the same, told not to", IM, "{}", "{{- '<|im_start|>system\\nBe good.<|im_end|>\\n' }}",
     "prompt.system=none", "chatml", "<|im_start|>user\n",
     "<|im_end|>\n<|im_start|>assistant\n<think>\n", "<|im_end|>\n<|im_start|>assistant\n"},
    {"the same, told another", IM, "{}", "{{- '<|im_start|>system\\nBe good.<|im_end|>\\n' }}",
     "prompt.system=Be \\{brief\\}.\\nPlease.", "chatml",
     "<|im_start|>system\nBe {brief}.\nPlease.<|im_end|>\n<|im_start|>user\n",
     "<|im_end|>\n<|im_start|>assistant\n<think>\n", "<|im_end|>\n<|im_start|>assistant\n"},
    {"Qwen3-8B, enable_thinking true (its model says the tag first) and false; no system message",
     IM " <think> </think>",
     "{\"chat_template\": [{\"name\": \"tool_use\", \"template\": \"x\"}, {\"name\": \"default\", \"template\": \"" IM_TURN
     "{%- if enable_thinking is false %}\"}]}",
     NULL, "", "qwen3", "<|im_start|>user\n", "<|im_end|>\n<|im_start|>assistant\n<think>\n",
     "<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n"},
    {"QwQ-32B: the tag stands in its template", IM " <think> </think>", "{}",
     IM_TURN "{{ '<|im_start|>assistant\\n<think>\\n' }}", "", "chatml", "<|im_start|>user\n",
     "<|im_end|>\n<|im_start|>assistant\n<think>\n", "<|im_end|>\n<|im_start|>assistant\n"},
    {"DeepSeek-R1-Distill-Qwen-7B", DEEPSEEK,
     DEEPSEEK_CONFIG
     ", \"chat_template\": \"{{bos_token}}{{'<｜User｜>' + content}}{{'<｜Assistant｜><think>\\\\n'}}\"}",
     NULL, "", "deepseek-r1", "<｜begin▁of▁sentence｜><｜User｜>", "<｜Assistant｜><think>\n",
     "<｜Assistant｜><think>\n\n</think>\n\n"},
    {"DeepSeek-R1-Distill-Llama-8B without its template, named: the tokenizer has Llama's tokens too",
     DEEPSEEK " <|start_header_id|> <|end_header_id|> <|eot_id|>", DEEPSEEK_CONFIG "}", NULL,
     "prompt.template=deepseek-r1|prompt.system=Be brief.", "deepseek-r1",
     "<｜begin▁of▁sentence｜>Be brief.<｜User｜>", "<｜Assistant｜><think>\n",
     "<｜Assistant｜><think>\n\n</think>\n\n"},
    {"Meta-Llama-3-8B-Instruct", LLAMA, LLAMA_CONFIG,
     "{{ bos_token }}{{ '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' + message['content'] | trim + '<|eot_id|>' }}",
     "", "llama3", "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\n",
     "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n<think>\n",
     "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"},
    {"Llama-3.1-8B-Instruct: always with dates", LLAMA, LLAMA_CONFIG,
     "{%- set date_string = \"26 Jul 2024\" %}{{- \"<|start_header_id|>system<|end_header_id|>\\n\\n\" }}"
     "{{- \"Cutting Knowledge Date: December 2023\\n\" }}{{- \"Today Date: \" + date_string + \"\\n\\n\" }}{{- \"<|eot_id|>\" }}",
     "", "llama3.1",
     "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nCutting Knowledge Date: December 2023\n"
     "Today Date: 26 Jul 2024\n\n<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n",
     "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n<think>\n",
     "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"},
    {"a base model", "<|endoftext|>", "{\"eos_token\": \"<|endoftext|>\"}", NULL,
     "prompt.template=plain", "plain", "Question:\n", "\n\nAnswer:\n<think>\n", "\n\nAnswer:\n"},
};

static void check_prompt(const template_t *t, const char *what, const bank_t *b, answer_mode_t mode,
                         const char *before, const char *after)
{
    text_t got = {0}, want = {0};
    prompt_text(&got, t, b, &b->list[0], mode);
    text_addf(&want, "%s" ASK "%s" REST "%s", before, mode == MODE_THINK ? EXAMPLE : "", after);
    check(!strcmp(got.s, want.s), "%s: '%s', not '%s'", what, got.s, want.s);
    text_reset(&got);
    text_reset(&want);
}

static void ask_families(void)
{
    bank_t b = case_bank("Double it."), blank = case_bank("\n  Double it.");
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        const char *dir = model(families[i].tokens, families[i].config, families[i].jinja, NULL);
        template_t *t = open_with(dir, families[i].overrides);
        check(!strcmp(t->name, families[i].name), "%s: %s", families[i].what, t->name);
        check_prompt(t, families[i].what, &b, MODE_THINK, families[i].before, families[i].think);
        check_prompt(t, families[i].what, &b, MODE_INSTRUCT, families[i].before,
                     families[i].instruct);
        if (!strncmp(t->name, "llama", 5)) /* these trim what they are asked */
            check_prompt(t, families[i].what, &blank, MODE_INSTRUCT, families[i].before,
                         families[i].instruct);
        template_free(t);
    }
    bank_free(&b);
    bank_free(&blank);
}

/* Refusals --------------------------------------------------------------------------- */

typedef struct {
    const char *tokens, *config, *jinja, *generation, *overrides;
    int code;
    const char *part;
} refusal_t;

#define UNDECIDED(tokens, config, jinja, part)            \
    {                                                     \
        tokens, config, jinja, NULL, "", CODE_USAGE, part \
    }
static const refusal_t refusals[] = {
    UNDECIDED(LLAMA, LLAMA_CONFIG, NULL, "as with base models; set prompt.template to plain"),
    UNDECIDED(LLAMA, LLAMA_CONFIG, NULL, "tokens it has: llama3.1, llama3, or to a file"),
    UNDECIDED(IM " <think>", IM_CONFIG, NULL, "tokens it has: qwen3, chatml, or to a file"),
    UNDECIDED(DEEPSEEK, DEEPSEEK_CONFIG "}", NULL, "tokens it has: deepseek-r1, or to a file"),
    UNDECIDED("<repo_name> " IM, IM_CONFIG, NULL, "tokens it has: chatml"),
    UNDECIDED(IM, "{\"eos_token\": \"<|endoftext|>\"}", NULL, "tokens it has: chatml"),
    UNDECIDED(IM, "{\"eos_token\": null}", NULL, "tokens it has: chatml"),
    UNDECIDED(IM, NULL, NULL, "tokens it has: chatml"),
    UNDECIDED("<s> </s>", NULL, NULL, "(question and answer as plain text), or to a file"),
    {LLAMA, "{\"bos_token\": null}", NULL, NULL, "prompt.template=llama3", CODE_DATA,
     "field bos_token"},
    {LLAMA, "{\"bos_token\": \"<s>\"}", NULL, NULL, "prompt.template=llama3", CODE_DATA,
     "no special token <s>, which is the model's bos_token"},
    UNDECIDED("<s> </s>", "{\"tokenizer_class\": \"LlamaTokenizer\"}", NULL, "LlamaTokenizer"),
    UNDECIDED("<s> </s>", NULL, "{{ '[INST] ' + content + ' [/INST]' }}",
              "one of deepseek-r1, qwen3, chatml, llama3.1, llama3, plain"),
    UNDECIDED("<s> </s>", NULL, "{{ '<|im_start|>' }}", "not in the tokenizer"),
    UNDECIDED(IM, NULL, "{{ '[INST] ' }}", "none of the known ones"),
    UNDECIDED(IM, "{}",
              "'<|im_start|>system\\nA.<|im_end|>\\n' '<|im_start|>system\\nB.<|im_end|>\\n'",
              "more than one default system"),
    {IM, NULL, NULL, NULL, "prompt.template=chatlm", CODE_USAGE,
     "prompt.template = chatlm: expected auto, deepseek-r1, "},
    {IM, NULL, NULL, NULL, "prompt.template=llama3", CODE_DATA,
     "no special token <|start_header_id|>"},
    {LLAMA, "{}", NULL, NULL, "prompt.template=llama3", CODE_DATA, "field bos_token"},
    {"<s>", NULL, NULL, NULL, "prompt.template=plain", CODE_DATA, "field eos_token"},
    {"<s>", "{\"eos_token\": \"</s>\"}", NULL, NULL, "prompt.template=plain", CODE_DATA,
     "no special token </s>"},
    {"<s>", "{\"eos_token\": \"<s>\"}", NULL, NULL, "prompt.template=plain|prompt.system=Be good.",
     CODE_USAGE, "no place"},
    {IM, IM_CONFIG, NULL, NULL, "prompt.system=a \\x b", CODE_USAGE,
     "prompt.system = a \\x b: after \\ one of"},
    {IM, IM_CONFIG, NULL, NULL, "prompt.system=a {user} b", CODE_USAGE, "in braces only"},
    {IM, IM_CONFIG, NULL, NULL, "prompt.system=a {bos} b", CODE_DATA, "names no bos_token"},
    {IM, IM_CONFIG, NULL, NULL, "prompt.system=a # b", CODE_USAGE, "begins a comment"},
    {IM, IM_CONFIG, NULL, NULL, "prompt.system=a ", CODE_USAGE, "no space at its ends"},
    {IM, IM_CONFIG, NULL, NULL, "prompt.system=", CODE_USAGE, "expected auto, none or a text"},
    {IM, "{\"chat_template\": 7}", NULL, NULL, "", CODE_DATA,
     "tokenizer_config.json: field chat_template"},
    {IM, "{\"bos_token\": 7}", NULL, NULL, "", CODE_DATA, "tokenizer_config.json: field bos_token"},
    {IM, "{\"eos_token\": {\"content\": 7}}", NULL, NULL, "", CODE_DATA,
     "tokenizer_config.json: field eos_token"},
    {IM, "{", NULL, NULL, "", CODE_DATA, "tokenizer_config.json: not JSON"},
    {IM, IM_CONFIG, NULL, "{\"eos_token_id\": \"x\"}", "", CODE_DATA,
     "generation_config.json: field eos_token_id"},
    {IM, NULL, NULL, "{\"eos_token_id\": [256, -1]}", "", CODE_DATA,
     "generation_config.json: field eos_token_id"},
    {IM, NULL, NULL, "{\"eos_token_id\": []}", "", CODE_DATA,
     "generation_config.json: field eos_token_id"},
    {IM, IM_CONFIG, NULL, "{\"eos_token_id\": 4000}", "", CODE_DATA, "4000 is no token"},
    {IM, IM_CONFIG, NULL, "{\"eos_token_id\": [0,1,2,3,4,5,6,7]}", "", CODE_DATA,
     "more than 8 tokens"},
};

static void refused(void *arg)
{
    const refusal_t *r = arg;
    template_free(open_with(model(r->tokens, r->config, r->jinja, r->generation), r->overrides));
}

static void refuse_all(void)
{
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
        test_fails(refusals[i].code, refused, (void *)(uintptr_t)&refusals[i], refusals[i].part);
}

/* Files ------------------------------------------------------------------------------- */

static char file_path[600];

static const char *file_with(const char *text, size_t n)
{
    snprintf(file_path, sizeof file_path, "%s/mine.conf",
             getenv("TEST_TMP") ? getenv("TEST_TMP") : "/tmp");
    text_write_file(file_path, text, n);
    static char override[700];
    snprintf(override, sizeof override, "prompt.template=%s", file_path);
    return override;
}

#define REQUIRED "think = T\ninstruct = I\nstop = <s>\n"
static const struct {
    const char *text, *part;
} bad_files[] = {
    {"", "mine.conf: no template in it"},
    {"# nothing\n", "mine.conf: no template in it"},
    {"user = {user}\n", "mine.conf:1: key user stands before"},
    {"[a]\nuser {user}\n", "mine.conf:2: expected [name]"},
    {"[a]\n[a\n", "mine.conf:2: expected [name]"},
    {"[ ]\n", "mine.conf:1: []: a name was expected"},
    {"[a]\nusr = {user}\n", "mine.conf:2: unknown key usr"},
    {"[a]\nuser = {user}\n\nuser = {user}\n", "mine.conf:4: key user is given twice"},
    {"[a]\nuser += {user}\n", "mine.conf:2: user += goes on"},
    {"[a]\nuser = {question}\n", "mine.conf:2: user = {question}: in braces only"},
    {"[a]\nthink = {user}\n", "mine.conf:2: think = {user}: in braces only"},
    {"[a]\nuser = {user}\\q\n", "mine.conf:2: user = {user}\\q: after"},
    {"[a]\nuser = {user}\\\n", "mine.conf:2: user = {user}\\: after"},
    {"[a]\nuser = hello\n" REQUIRED, "mine.conf:2: [a]: user has {user} 0 times"},
    {"[a]\nuser = {user}{user}\n" REQUIRED, "mine.conf:2: [a]: user has {user} 2 times"},
    {"[a]\nsystem = x\nuser = {user}\n" REQUIRED, "mine.conf:2: [a]: system has {system} 0 times"},
    {"[a]\ndefault_system = x\nuser = {user}\n" REQUIRED,
     "mine.conf:2: [a]: default_system without"},
    {"[a]\n" REQUIRED, "mine.conf:1: [a]: `user = ...` is missing"},
    {"[a]\nuser = {user}\nthink = T\ninstruct = I\n", "mine.conf:1: [a]: `stop = ...` is missing"},
    {"[a]\nuser = {user}\nthink = T\ninstruct = I\nstop =\n", "mine.conf:5: [a]: stop is empty"},
    {"[a]\ntrim = maybe\nuser = {user}\n" REQUIRED, "mine.conf:2: trim = maybe"},
    {"[a]\nuser = {user}\n" REQUIRED "[b]\nuser = {user}\n" REQUIRED,
     "mine.conf:6: [b]: a second template"},
    {"[a]\nuser = <|usr|>{user}\n" REQUIRED, "no special token <|usr|>, which template a writes"},
    {"[a]\ntokens = <s> <t>\nuser = {user}\n" REQUIRED,
     "no special token <t>, which template a needs"},
    {"[a]\nuser = {user}\nthink = T\ninstruct = I\nstop = <s> </t>\n",
     "no special token </t>, which ends"},
};

static void bad_file(void *text)
{
    template_free(open_with(model("<s> </s>", NULL, NULL, NULL), file_with(text, strlen(text))));
}

static void bad_bytes(void *unused)
{
    (void)unused;
    template_free(open_with(model("<s> </s>", NULL, NULL, NULL), file_with("[a]\0b", 5)));
}

static void no_file(void *path)
{
    template_free(open_with(model("<s> </s>", NULL, NULL, NULL), path));
}

static void refuse_files(void)
{
    for (size_t i = 0; i < sizeof bad_files / sizeof *bad_files; i++)
        test_fails(strstr(bad_files[i].part, "no special") ? CODE_DATA : CODE_USAGE, bad_file,
                   (void *)(uintptr_t)bad_files[i].text, bad_files[i].part);
    test_fails(CODE_USAGE, bad_bytes, NULL, "a NUL byte");
    test_fails(CODE_USAGE, no_file, "prompt.template=/", "prompt.template = /: expected auto");
}

static void good_file(void)
{
    const char text[] =
        "# mine\n\n  [ mine ] \nbegin={bos}\\s\nsystem = <sys>{system}\\n\ndefault_system = one;\r\n"
        "default_system += \\stwo # three\nuser = \\{Q\\} = \n  user += \\t{user}.\\\\ \nthink =<t>\n"
        "instruct = \nstop = {eos} <e>\n";
    bank_t b = case_bank("Double it.");
    const char *dir = model("<s> </s> <e>", "{\"bos_token\": \"<s>\", \"eos_token\": \"</s>\"}",
                            NULL, "{\"eos_token_id\": [258, 65]}");
    template_t *t = open_with(dir, file_with(text, sizeof text - 1));
    check(!strcmp(t->name, "mine") && !strcmp(t->why, file_path));
    check_prompt(t, "file", &b, MODE_THINK, "<s> <sys>one; two # three\n{Q} =\t", ".\\<t>");
    check_prompt(t, "file", &b, MODE_INSTRUCT, "<s> <sys>one; two # three\n{Q} =\t", ".\\");
    check(t->n_stop == 3 && t->stop[0] == 257 && t->stop[1] == 258 && t->stop[2] == 65);
    check(!strcmp(t->stop_text[0], "</s>") && !strcmp(t->stop_text[1], "<e>") && !t->stop_text[2]);
    template_free(t);
    bank_free(&b);
}

/* The end of an answer ----------------------------------------------------------------- */

static void check_stops(const char *generation, const char *config, int n, const int32_t *want)
{
    const char *dir = model(IM, IM_CONFIG, NULL, generation);
    put(dir, "config.json", config);
    template_t *t = open_with(dir, "");
    check(t->n_stop == n, "%s, %s: %d tokens", generation, config, t->n_stop);
    for (int i = 0; i < n && i < t->n_stop; i++)
        check(t->stop[i] == want[i], "%s, %s: %d", generation, config, t->stop[i]);
    template_free(t);
}

static void stops(void)
{
    check_stops(NULL, NULL, 1, (int32_t[]){258});
    check_stops("{\"eos_token_id\": 258}", NULL, 1, (int32_t[]){258});
    check_stops("{\"eos_token_id\": 256}", "{\"eos_token_id\": 7}", 2, (int32_t[]){258, 256});
    check_stops("{\"eos_token_id\": [258, 256]}", NULL, 2, (int32_t[]){258, 256});
    check_stops("{\"temperature\": 1}", "{\"eos_token_id\": [256, 65]}", 3,
                (int32_t[]){258, 256, 65});
    check_stops("{\"eos_token_id\": null}", "{\"eos_token_id\": null}", 1, (int32_t[]){258});
    check_stops("{\"eos_token_id\": [0,1,2,3,4,5,6,258]}", NULL, 8,
                (int32_t[]){258, 0, 1, 2, 3, 4, 5, 6});
}

static void answers(void)
{
    bank_t b = case_bank("Double it.");
    template_t *t =
        open_with(model(LLAMA, LLAMA_CONFIG, NULL, "{\"eos_token_id\": [257, 261, 260, 65]}"),
                  "prompt.template=llama3");
    text_t text = {0};
    static const struct {
        const char *end;
        int right;
    } ends[] = {{"<|eot_id|>", 1}, {"<|eom_id|>\n", 1},      {"<|end_of_text|>", 1},
                {"", 1},           {"<|begin_of_text|>", 0}, {"<|eot_id|><|eot_id|>", 0},
                {"<|im_end|>", 0}};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        text_clear(&text);
        text_addf(&text, "so \\boxed{A}%s", ends[i].end);
        check(answer_format(text.s, text.len, 2, MODE_INSTRUCT, t) == ends[i].right, "%s", text.s);
    }
    for (answer_mode_t mode = MODE_INSTRUCT; mode <= MODE_THINK; mode++) {
        text_clear(&text), trace_text(&text, t, &b, &b.list[0], mode);
        check(text.len > 20 && !strcmp(text.s + text.len - 10, "<|eot_id|>"), "%s", text.s);
        check(answer_format(text.s, text.len, 2, mode, t) &&
              answer_parse(text.s, text.len, 2, mode) == 0);
        text_clear(&text), trace_brief_text(&text, t, &b.list[0], mode);
        check(!strcmp(text.s + text.len - 10, "<|eot_id|>"), "%s", text.s);
    }
    text_clear(&text), template_say(t, &text);
    check(strstr(text.s, "llama3") && strstr(text.s, "<|eot_id|> <|end_of_text|>") &&
              strstr(text.s, "token 65"),
          "%s", text.s);
    text_reset(&text);
    template_free(t);
    bank_free(&b);
}

int main(int argc, char **argv)
{
    refuse_all();
    refuse_files();
    test_begin(&argc, &argv);
    ask_families();
    good_file();
    stops();
    answers();
    return test_end();
}
