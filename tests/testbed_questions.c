// What a model is asked: the literal texts of both questions in both modes, which of them suits a model
// directory, fences that no program can end, the letters of this list, imported statements without their
// samples; tables that say anything wrong are refused by file and line.
// RUN: np=1
#include "put.h"
#include "test.h"
#include "testbed.h"
#include <sys/stat.h>

static bank_t case_bank(const char *statement, const char *family, int n, const char *const *source,
                        lang_t lang)
{
    bank_t b = {0};
    problem_t p = {.statement = mem_text(statement),
                   .family = mem_text(family),
                   .example = mem_text("3")};
    list_t l = {.n = n};
    PUSH(b.problem, b.n_problem, b.cap_problem, p);
    for (int i = 0; i < n; i++) {
        program_t q = {.source = mem_text(source[i]),
                       .n_source = strlen(source[i]),
                       .lang = lang,
                       .origin = mem_text(""),
                       .core = mem_text(""),
                       .walk = mem_text("")};
        l.program[i] = i;
        PUSH(b.program, b.n_program, b.cap_program, q);
    }
    PUSH(b.list, b.n_list, b.cap_list, l);
    return b;
}

/* The question without the frame of the row `plain`. */
static char *asked(const char *question, const bank_t *b, answer_mode_t mode)
{
    static const char head[] = "{start}Question:\n", *const tail[] = {"\n\nAnswer:\n",
                                                                      "\n\nAnswer:\n<think>\n"};
    text_t override = {0}, text = {0};
    text_addf(&override, "prompt.question=%s", question);
    deck_t *d =
        deck_parse("test", "", 2, (char *[]){override.s, (char[]){"prompt.template=plain"}});
    template_t *t = template_open(d, NULL, NULL);
    prompt_text(&text, t, b, &b->list[0], mode);
    size_t n = text.len - strlen(tail[mode]);
    check(!strncmp(text.s, head, strlen(head)) && !strcmp(text.s + n, tail[mode]), "%s", text.s);
    text.s[n] = 0;
    char *out = mem_text(text.s + strlen(head));
    text_reset(&override), text_reset(&text);
    template_free(t);
    deck_free(d);
    return out;
}

static void is_asked(const char *what, const char *question, const bank_t *b, answer_mode_t mode,
                     const char *want)
{
    char *got = asked(question, b, mode);
    check(!strcmp(got, want), "%s: '%s', not '%s'", what, got, want);
    mem_free(got);
}

/* Literal texts ------------------------------------------------------------------------ */

#define CANDIDATES                                                                        \
    "Problem: Double it.\n\nProgram A:\n```python\nn = int(input())\nprint(2 * n)\n```\n" \
    "Program B:\n```python\nn = int(input())\nprint(n)\n```\n"
#define FULL_INSTRUCT                                                                                          \
    "Exactly one of several programs solves a problem: its output is right on every test. Each of the "        \
    "others fails a test. Find the right one. Only the output counts: style, speed and comments do not.\n\n"   \
    "Problem: Print the sum of a and b.\nProgram A:\n```\nprint(a - b)\n```\nProgram B:\n```\nprint(a + b)\n"  \
    "```\nAnswer:\n1. A prints the difference. Wrong.\n2. B prints the sum. Right.\n\\boxed{B}\n\n" CANDIDATES \
    "Answer for these 2 Python programs in the same form, which is part of the score: one short numbered "     \
    "line for each program, then \\boxed{A} or \\boxed{B}."
#define FULL_THINK                                                                                           \
    "Exactly one of these 2 Python programs solves the problem: its output is right on every test. Each of " \
    "the others fails a test. Find the right one. Only the output counts: style, speed and comments do "     \
    "not.\n\n" CANDIDATES                                                                                    \
    "First think about each program in one short sentence, and close your thinking with </think>. After it " \
    "write the letter of the right program in a box and nothing else; this form is part of the score: "      \
    "\\boxed{A} or \\boxed{B}."

static void literal(void)
{
    static const char *const py[] = {"n = int(input())\nprint(2 * n)\n",
                                     "n = int(input())\nprint(n)"};
    bank_t b = case_bank("Double it.", "x", 2, py, LANG_PYTHON);
    is_asked("brief", "brief", &b, MODE_INSTRUCT,
             "Double it.\nAll begin:\nn = int(input())\nA:\nprint(2 * n)\nB:\nprint(n)\n"
             "Which program is right? Box its letter.");
    is_asked(
        "brief", "brief", &b, MODE_THINK,
        "Double it.\nExample: 3\nAll begin:\nn = int(input())\nA:\nprint(2 * n)\nB:\nprint(n)\n"
        "Which program is right? Box its letter.");
    is_asked("full", "full", &b, MODE_INSTRUCT, FULL_INSTRUCT);
    is_asked("full", "full", &b, MODE_THINK, FULL_THINK);
    bank_free(&b);
}

/* What is filled in -------------------------------------------------------------------- */

static char mine[600];

/* The deck's value for a file with this text. */
static const char *file_with(const char *text)
{
    snprintf(mine, sizeof mine, "%s/question.conf",
             getenv("TEST_TMP") ? getenv("TEST_TMP") : "/tmp");
    text_write_file(mine, text, strlen(text));
    return mine;
}

#define CANDIDATE "candidate = {letter}{fence}{tag}\\n{program}{fence}{language};\n"

static void filled(void)
{
    static const char *const c[] = {"a", "b``c\n", "````\n`", "", "e"};
    bank_t b = case_bank("S", "x", 5, c, LANG_CPP), two = case_bank("S ", "x", 2, c, LANG_CSHARP);
    const char *text =
        "# mine\n[ mine.verify ]\ninstruct = {statement}\\s{count} {language} {letters} "
        "|\n instruct += \\n{candidates}\\{{boxes}\\}{example}|{shared}\n"
        "think = {statement}{candidates}{example}\n" CANDIDATE;
    is_asked(
        "five", file_with(text), &b, MODE_INSTRUCT,
        "S 5 C++ A, B, C, D or E |\nA```cpp\na\n```C++;B```cpp\nb``c\n```C++;C`````cpp\n````\n`\n"
        "`````C++;D```cpp\n```C++;E```cpp\ne\n```C++;{\\boxed{A}, \\boxed{B}, \\boxed{C}, \\boxed{D} or "
        "\\boxed{E}}|");
    is_asked(
        "two", mine, &two, MODE_INSTRUCT,
        "S  2 C# A or B |\nA```csharp\na\n```C#;B```csharp\nb``c\n```C#;{\\boxed{A} or \\boxed{B}}|");
    is_asked("two", mine, &two, MODE_THINK, "S A```csharp\na\n```C#;B```csharp\nb``c\n```C#;");
    bank_free(&b), bank_free(&two);
}

/* Lists of judge sets are asked about answers, whatever language these are in; a file without such
   a question asks its own. */
static void judged(void)
{
#define HOW                                                                                     \
    " right, or better than the others. Each of the others has a fault that it does not have. " \
    "Find it. Length, layout and tone alone do not count.\n\n"
#define ANSWERS                                                                          \
    "Request: Say hi.\nSample Input\n1\n\nAnswer A:\n```\nimport this\nHi\n```\nAnswer " \
    "B:\n````\nimport this\n```\n````\n"
    static const char *const c[] = {"import this\nHi", "import this\n```\n"};
    bank_t b = case_bank("Say hi.\nSample Input\n1\n", "rewardbench2:Focus", 2, c, LANG_TEXT),
           code = case_bank("Say hi.", "pairs:all", 2, c, LANG_GO),
           own = case_bank("Say hi.", "pairs", 2, c, LANG_GO);
    b.problem[0].example[0] = 0;
    is_asked("judge", "brief", &b, MODE_INSTRUCT,
             "Say hi.\nSample Input\n1\n\nA:\nimport this\nHi\nB:\nimport this\n```\n"
             "Which answer is right? Box its letter.");
    is_asked("judge", "full", &b, MODE_INSTRUCT,
             "Exactly one of several answers to a request is" HOW
             "Request: How much is 7 + 5?\nAnswer A:\n```\n7 + 5 = 13\n```\nAnswer B:\n```\nIt is "
             "12.\n```\nJudgement:\n1. A adds wrongly. Wrong.\n2. B is the sum. Right.\n"
             "\\boxed{B}\n\n" ANSWERS
             "Judge these 2 answers in the same form, which is part of the score: one short "
             "numbered line for each answer, then \\boxed{A} or \\boxed{B}.");
    is_asked("judge", "full", &b, MODE_THINK,
             "Exactly one of these 2 answers to a request is" HOW ANSWERS
             "First think about each answer in one short sentence, and close your thinking with "
             "</think>. After it write the letter of the right answer in a box and nothing else; "
             "this form is part of the score: \\boxed{A} or \\boxed{B}.");
    const char *both = "[mine.judge]\ninstruct = J{statement}{candidates}\nthink = "
                       "{statement}{candidates}\ncandidate = "
                       "{letter}{tag}{language}{program}\n[mine.verify]\ninstruct = "
                       "V{statement}{candidates}\nthink = {statement}{candidates}\ncandidate = "
                       "{letter}{tag}{program}\n";
    is_asked("code", file_with(both), &code, MODE_INSTRUCT,
             "JSay hi.AgoGoimport this\nHi\nBgoGoimport this\n```\n");
    is_asked("own", mine, &own, MODE_INSTRUCT, "VSay hi.Agoimport this\nHi\nBgoimport this\n```\n");
    is_asked("none of its own", file_with(strstr(both, "[mine.v")), &b, MODE_INSTRUCT,
             "VSay hi.\nSample Input\n1\nAimport this\nHi\nBimport this\n```\n");
    bank_free(&b), bank_free(&code), bank_free(&own);
}

/* Samples go where the question says so, and only of problems that were imported. */
static void samples(void)
{
#define SPEC  "Print the largest of all the numbers on the only line of the input.\n"
#define SHOWN "Sample Input\n1 2\nSample Output\n2\n"
    static const char *const c[] = {"a", "b"};
    bank_t theirs = case_bank(SPEC SHOWN, "imported", 2, c, LANG_C),
           ours = case_bank(SPEC SHOWN, "string", 2, c, LANG_C);
    const char *text = "[q.verify]\nsamples = cut\ninstruct = <{statement}>{candidates}\n"
                       "think = {statement}{candidates}\ncandidate = {letter}{program}\n";
    is_asked("imported", file_with(text), &theirs, MODE_INSTRUCT,
             "<Print the largest of all the numbers on the only line of the input.>Aa\nBb\n");
    is_asked("ours", mine, &ours, MODE_INSTRUCT,
             "<" SPEC "Sample Input\n1 2\nSample Output\n2>Aa\nBb\n");
    char *full = asked("full", &theirs, MODE_INSTRUCT),
         *brief = asked("brief", &theirs, MODE_INSTRUCT);
    check(!strstr(full, "Sample") && strstr(full, "only line of the input.\n"), "%s", full);
    check(strstr(brief, SPEC SHOWN) != NULL, "%s", brief);
    mem_free(full), mem_free(brief);
    bank_free(&theirs), bank_free(&ours);
}

/* Which one suits ---------------------------------------------------------------------- */

typedef struct {
    const char *what, *special[5], *config, *jinja, *deck, *want, *say;
} suit_t;
#define IM "<|endoftext|>", "<|im_start|>", "<|im_end|>"
static const suit_t suits[] = {
    {"init's, older",
     {IM},
     NULL,
     NULL,
     "auto",
     "brief",
     "question brief (`aletheia init` made the model)"},
    {"init's, marked",
     {IM},
     "{\"aletheia_question\": \"brief\"}",
     NULL,
     "auto",
     "brief",
     "made the model"},
    {"init's, with the tokenizer of others",
     {"<|im_start|>", "<|im_end|>", "<t>"},
     "{\"aletheia_question\": \"brief\"}",
     "<|im_start|>",
     "auto",
     "brief",
     "made the model"},
    {"marked otherwise",
     {IM},
     "{\"aletheia_question\": \"full\"}",
     NULL,
     "auto",
     "full",
     "did not make"},
    {"no mark in it", {IM}, "{\"vocab_size\": 7}", NULL, "auto", "brief", "made the model"},
    {"published: a chat template",
     {IM},
     NULL,
     "{{ '<|im_start|>' }}",
     "auto",
     "full",
     "question full (`aletheia init` did not make the model)"},
    {"published: other tokens",
     {"<|im_start|>", "<|im_end|>", "<t>"},
     NULL,
     NULL,
     "auto",
     "full",
     "did not make"},
    {"published: more tokens", {IM, "<t>"}, NULL, NULL, "auto", "full", "did not make"},
    {"told", {IM}, NULL, NULL, "full", "full", "question full (as the deck says)"},
    {"told", {IM}, NULL, "<|im_start|>", "brief", "brief", "question brief (as the deck says)"},
};

/* A directory of that kind, and its question by deck, with and without having been decided before. */
static const char *directory(const suit_t *s)
{
    static char dir[500];
    int n = 0;
    snprintf(dir, sizeof dir, "%s/suits", getenv("TEST_TMP") ? getenv("TEST_TMP") : "/tmp");
    mkdir(dir, 0777);
    while (n < 5 && s->special[n])
        n++;
    text_t path = {0};
    text_addf(&path, "%s/tokenizer.json", dir);
    tokenizer_train(path.s, "", 0, 256 + n, (const char **)(uintptr_t)s->special, n);
    text_reset(&path);
    put(dir, "config.json", s->config);
    put(dir, "chat_template.jinja", s->jinja);
    return dir;
}

static void decided(void)
{
    for (size_t i = 0; i < sizeof suits / sizeof *suits; i++) {
        const suit_t *s = &suits[i];
        const char *dir = directory(s);
        char override[100];
        text_t said = {0};
        snprintf(override, sizeof override, "prompt.question=%s", s->deck);
        deck_t *d = deck_parse("test", "", 1, (char *[]){override});
        tokenizer_t *t = tokenizer_open(dir);
        question_t *q = question_open(d, dir, t);
        question_say(q, &said);
        check(strstr(said.s, s->want) && strstr(said.s, s->say), "%s: %s", s->what, said.s);
        question_free(q);
        question_decide(d, dir);
        check(!strcmp(deck_text(d, "prompt.question"), s->want), "%s: %s", s->what,
              deck_text(d, "prompt.question"));
        text_clear(&said);
        q = question_open(d, dir, NULL);
        question_say(q, &said);
        check(strstr(said.s, s->say) != NULL, "%s, decided: %s", s->what, said.s);
        question_free(q);
        tokenizer_free(t);
        deck_free(d);
        text_reset(&said);
    }
}

static void bad_mark(void *config)
{
    deck_t *d = deck_parse("test", "", 0, NULL);
    question_open(d, directory(&(suit_t){"", {IM}, config, NULL, NULL, NULL, NULL}), NULL);
}

/* Refusals ------------------------------------------------------------------------------ */

#define HEAD     "[a.verify]\n"
#define REQUIRED "instruct = {statement}{candidates}\nthink = {statement}{candidates}\n"
#define ALL      HEAD REQUIRED "candidate = {letter}{program}\n"
static const struct {
    const char *text, *part;
} bad[] = {
    {"", "question.conf: no question in it"},
    {"# nothing\n", "question.conf: no question in it"},
    {"think = {statement}\n", "question.conf:1: key think stands before"},
    {"[a]\n", "question.conf:1: [a]: expected [NAME.verify]"},
    {"[.verify]\n", "question.conf:1: [.verify]: expected [NAME.verify]"},
    {"[a.rank]\n", "question.conf:1: [a.rank]: expected [NAME.verify]"},
    {HEAD "think {statement}\n", "question.conf:2: expected [name]"},
    {HEAD "thing = x\n", "question.conf:2: unknown key thing"},
    {HEAD "think = x\n\nthink = y\n", "question.conf:4: key think is given twice"},
    {HEAD "think += x\n", "question.conf:2: think += goes on"},
    {HEAD "think = {question}\n", "question.conf:2: think has {question}: in its braces only"},
    {HEAD "think = {letter}\n", "question.conf:2: think has {letter}: in its braces only"},
    {HEAD "think = {statement\n", "question.conf:2: think has {statement: in its braces only"},
    {HEAD "think = {}\n", "question.conf:2: think has {}: in its braces only"},
    {HEAD "think = a\\q\n", "question.conf:2: think = a\\q: after"},
    {HEAD "think = a\\\n", "question.conf:2: think = a\\: after"},
    {HEAD "samples = some\n", "question.conf:2: samples = some: expected keep or cut"},
    {HEAD REQUIRED, "question.conf:1: [a.verify]: `candidate = ...` is missing"},
    {HEAD "candidate = {letter}{program}\n",
     "question.conf:1: [a.verify]: `instruct = ...` is missing"},
    {HEAD REQUIRED "candidate = {letter}\n",
     "question.conf:4: [a.verify]: candidate has no {program}"},
    {HEAD REQUIRED "candidate = {program}\n",
     "question.conf:4: [a.verify]: candidate has no {letter}"},
    {HEAD "instruct = {candidates}\nthink = x\ncandidate = {letter}{program}\n",
     "question.conf:2: [a.verify]: instruct has no {statement}"},
    {HEAD "instruct = {statement}{candidates}\nthink = {statement}\\{candidates\\}\ncandidate = "
          "{letter}{program}\n",
     "question.conf:3: [a.verify]: think has no {candidates}"},
    {ALL "shared = All begin:\n", "question.conf:5: [a.verify]: shared has no {lines}"},
    {ALL "[b.verify]\n", "question.conf:5: [b.verify]: a second question"},
    {ALL HEAD, "question.conf:5: [a.verify]: a second question"},
    {ALL "[b.judge]\n", "question.conf:5: [b.judge]: a second question"},
    {ALL "[a.judge]\n" REQUIRED "candidate = {letter}{program}\n[a.judge]\n",
     "question.conf:9: [a.judge]: a second question"},
    {ALL "[a.judge]\ninstruct = {statement}\n",
     "question.conf:6: [a.judge]: instruct has no {candidates}"},
    {ALL "[a.judge]\n" REQUIRED, "question.conf:5: [a.judge]: `candidate = ...` is missing"},
    {"[a.judge]\n" REQUIRED "candidate = {letter}{program}\n",
     "question.conf: no question in it; expected a section [NAME.verify]"},
};

static void open_deck(void *override)
{
    deck_t *d = deck_parse("test", "", 1, (char *[]){override});
    question_open(d, NULL, NULL);
}

static void bad_file(void *text)
{
    char override[700];
    snprintf(override, sizeof override, "prompt.question=%s", file_with(text));
    open_deck(override);
}

static void refuse(void)
{
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        test_fails(CODE_USAGE, bad_file, (void *)(uintptr_t)bad[i].text, bad[i].part);
    test_fails(CODE_USAGE, open_deck, "prompt.question=ful",
               "prompt.question = ful: expected auto, brief, full, or a file");
    test_fails(CODE_USAGE, open_deck, "prompt.question=/", "prompt.question = /: expected auto");
    test_fails(CODE_DATA, bad_mark, "{\"aletheia_question\": \"short\"}",
               "config.json: field aletheia_question: \"short\"; brief or full was expected");
    test_fails(CODE_DATA, bad_mark, "{\"aletheia_question\": 1}", "field aletheia_question");
}

int main(int argc, char **argv)
{
    refuse();
    test_begin(&argc, &argv);
    literal();
    filled();
    judged();
    samples();
    decided();
    return test_end();
}
