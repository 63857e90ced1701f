// Lines of judge sets become lists of 2 to 5 with one right answer and imported labels; what is
// wrong with a line is said by file, line and field.
// RUN: np=1
#include "test.h"
#include "io.h"

static char path[600], to[600];
static const import_from_t as_it_looks = {.in = path,
                                          .suite = "auto",
                                          .schema = "auto",
                                          .tests = "",
                                          .beside = path,
                                          .time_ms = 1000,
                                          .memory_kb = 65536,
                                          .seed = 7,
                                          .line_bytes = 1 << 20};

static void write_lines(const char *s)
{
    check(!text_write_file(path, s, strlen(s)));
}

static void open_it(void *arg)
{
    import_count_t c;
    bank_bads_t bad = {0};
    import_close(import_open(arg, &c, &bad));
}

/* All of the lines as one bank. */
static bank_t bank_of(const import_from_t *from, const char *lines, import_count_t *c)
{
    bank_t b;
    bank_bads_t bad = {0};
    write_lines(lines);
    import_t *m = import_open(from, c, &bad);
    bank_out_t *o = bank_create(to, NULL, 1);
    text_t t = {0};
    while (text_clear(&t), import_next(m, &t)) {
        import_batch_t batch;
        check(!import_tested(t.s, t.len));
        import_read(&batch, t.s, t.len);
        bank_append(o, &batch.bank);
        import_batch_free(&batch);
    }
    text_reset(&t);
    import_close(m);
    bank_commit(o);
    bank_read(NULL, &b, to);
    bank_bads_free(&bad);
    for (int i = 0; i < b.n_program; i++)
        check(b.program[i].label == LABEL_IMPORTED && b.program[i].pool == POOL_IMPORTED &&
              (b.program[i].pass_rate == 0 || b.program[i].pass_rate == 1));
    check(bank_imported_lists(&b, SUITES) == b.n_list);
    return b;
}

static const program_t *right_of(const bank_t *b, int list)
{
    return &b->program[b->list[list].program[b->list[list].answer]];
}

static const program_t *wrong_of(const bank_t *b, int list)
{
    return &b->program[b->list[list].program[!b->list[list].answer]];
}

#define R2   "\"prompt\":\"Name a prime.\",\"subset\":\"Math\",\"num_correct\":1"
#define JB   "\"pair_id\":\"j1\",\"question\":\"q\",\"source\":\"s\""
#define CJ   "\"question_content\":\"Add.\",\"question_id\":\"a\""
#define SIX  "[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\"]"
#define SAME "\"chosen\":[\"7\"],\"rejected\":[\"8\"],\"prompt\":\"p\",\"id\":"

static const struct {
    const char *schema, *line, *says;
} bad[] = {
    {"auto", "{" R2 ",\"rejected\":[\"4\",\"6\",\"8\"]}",
     ":1: field chosen: missing; a text, or a list of texts, was expected"},
    {"auto", "{" R2 ",\"chosen\":null,\"rejected\":[\"4\"]}", ":1: field chosen: missing"},
    {"auto", "{\"prompt\":\"p\",\"rejected\":\"4\"}", ":1: field chosen: missing"},
    {"auto", "{" R2 ",\"chosen\":[\"7\"]}", ":1: field rejected: missing"},
    {"auto", "{" R2 ",\"chosen\":[\"7\"],\"rejected\":" SIX "}",
     ":1: field rejected: 6 answers; 1 to 4 were expected, since a list has at most 5"},
    {"auto", "{" R2 ",\"chosen\":[\"7\"],\"rejected\":[]}", ":1: field rejected: 0 answers"},
    {"auto", "{" R2 ",\"chosen\":[],\"rejected\":[\"4\"]}", ":1: field chosen: 0 answers"},
    {"auto", "{" R2 ",\"chosen\":[\"7\"],\"rejected\":[\"4\",\"\"]}",
     ":1: field rejected: answer 2: empty"},
    {"auto", "{" R2 ",\"chosen\":[\" \\n\"],\"rejected\":[\"4\"]}",
     ":1: field chosen: answer 1: empty"},
    {"auto", "{" R2 ",\"chosen\":[\"7\"],\"rejected\":[4]}",
     ":1: field rejected: answer 1: a text was expected"},
    {"auto", "{" R2 ",\"chosen\":[\"7\\u0000\"],\"rejected\":[\"4\"]}",
     ":1: field chosen: answer 1: it holds a NUL byte"},
    {"auto", "{" R2 ",\"chosen\":7,\"rejected\":[\"4\"]}",
     ":1: field chosen: a text was expected, found a whole number"},
    {"auto", "{" R2 ",\"chosen\":[\"7\"],\"rejected\":{}}",
     ":1: field rejected: a text was expected, found an object"},
    {"auto", "{" R2 ",\"chosen\":[\"7\"],\"rejected\":[\"4\",\"7\"]}",
     ":1: field rejected: the same text as a right answer"},
    {"auto", "{" R2 ",\"chosen\":[\"7\"],\"rejected\":[\"4\",\"6\",\"4\"]}",
     ":1: field rejected: answers 1 and 3 are the same text"},
    {"auto", "{\"prompt\":\"p\",\"chosen\":[\"7\",\"2\",\"7\"],\"rejected\":[\"4\"]}",
     ":1: field chosen: answers 1 and 3 are the same text"},
    {"auto", "{" R2 ",\"chosen\":[\"7\",\"2\"],\"rejected\":[\"4\"]}",
     ":1: field num_correct: 1, but there are 2 chosen answers"},
    {"auto", "{" R2 ",\"num_incorrect\":3,\"chosen\":[\"7\"],\"rejected\":[\"4\"]}",
     ":1: field num_incorrect: 3, but there are 1 rejected"},
    {"auto", "{" R2 ",\"total_completions\":4,\"chosen\":[\"7\"],\"rejected\":[\"4\"]}",
     ":1: field total_completions: 4, but there are 2"},
    {"auto", "{\"chosen\":[\"7\"],\"rejected\":[\"4\"]}", ":1: field prompt: missing; a text"},
    {"auto", "{\"prompt\":\"\",\"chosen\":[\"7\"],\"rejected\":[\"4\"]}",
     ":1: field prompt: empty; a text was expected"},
    {"auto", "{\"prompt\":[],\"chosen\":[\"7\"],\"rejected\":[\"4\"]}",
     ":1: field prompt: empty; a text, or messages"},
    {"auto", "{\"prompt\":[\"p\"],\"chosen\":[\"7\"],\"rejected\":[\"4\"]}",
     ":1: field prompt: item 0: an object was expected"},
    {"auto", "{\"prompt\":[{\"role\":\"user\"}],\"chosen\":[\"7\"],\"rejected\":[\"4\"]}",
     ":1: field prompt[0].content: missing"},
    {"auto", "{" R2 ",\"id\":[1],\"chosen\":[\"7\"],\"rejected\":[\"4\"]}",
     ":1: field id: a text was expected, found a list"},
    {"auto", "{\"prompt\":\"p\",\"subset\":7,\"chosen\":[\"7\"],\"rejected\":[\"4\"]}",
     ":1: field subset: a text was expected"},
    {"auto", "{\"prompt\":\"p\",\"subset\":\"a\\nb\",\"chosen\":[\"7\"],\"rejected\":[\"4\"]}",
     ":1: field subset: a name of at most 100 bytes"},
    {"auto", "{" R2 ",\"domain\":\"math\",\"chosen\":[\"7\"],\"rejected\":[\"4\"]}",
     ":1: field domain: there, as in RM-Bench, and so is num_correct"},
    {"auto", "{\"prompt\":\"p\",\"chosen\":[\"1\",\"2\",\"3\"],\"rejected\":[\"4\",\"5\",\"6\"]}",
     ":1: field domain: missing, and so is num_correct"},
    {"auto",
     "{\"prompt\":\"p\",\"domain\":\"chat\",\"chosen\":[\"1\",\"2\"],\"rejected\":[\"4\",\"5\",\"6\"]}",
     ":1: field chosen: 2 answers; 3 were expected, as RM-Bench"},
    {"auto",
     "{\"prompt\":\"p\",\"domain\":\"chat\",\"chosen\":[\"1\",\"2\",\"3\"],\"rejected\":[\"4\",\"5\",\"3\"]}",
     ":1: field rejected: the same text as a right answer"},
    {"auto", "{" SAME "1}\n{" SAME "1,\"x\":0}", ":2: field id: the same as in "},
    {"auto", "{" SAME "1}\n{" SAME "2,\"subset\":null}\n{" SAME "\"1\"}",
     ":3: field id: the same as in "},
    {"auto",
     "{\"prompt\":\"p\",\"chosen\":\"7\",\"rejected\":\"8\"}\n{\"prompt\":\"p\",\"chosen\":\"7\",\"rejected\":\"8\"}",
     ":2: field chosen: the same answers to the same request as in "},
    {"auto", "{" JB ",\"response_A\":\"x\",\"response_B\":\"y\",\"label\":\"A=B\"}",
     ":1: field label: \"A=B\"; A>B or B>A was expected"},
    {"auto", "{" JB ",\"response_A\":\"x\",\"response_B\":\"y\"}", ":1: field label: missing"},
    {"auto", "{" JB ",\"response_A\":\"x\",\"response_B\":\"y\",\"label\":1}",
     ":1: field label: a text was expected"},
    {"auto", "{" JB ",\"response_A\":\"x\",\"label\":\"A>B\"}", ":1: field response_B: missing"},
    {"auto", "{" JB ",\"response_A\":\"x\",\"response_B\":\"x\",\"label\":\"A>B\"}",
     ":1: field response_B: the same text as a right answer"},
    {"auto", "{" JB ",\"response_A\":[\"x\",\"z\"],\"response_B\":\"y\",\"label\":\"A>B\"}",
     ":1: field response_A: a text was expected, as in response_B"},
    {"auto",
     "{" JB ",\"response_A\":\"x\",\"response_B\":\"y\",\"label\":\"A>B\"}\n{" JB
     ",\"response_A\":\"z\",\"response_B\":\"y\",\"label\":\"A>B\"}",
     ":2: field pair_id: the same as in "},
    {"auto",
     "{" JB ",\"response_A\":\"x\",\"response_B\":\"y\",\"label\":\"A>B\",\"chosen\":\"x\"}",
     ":1: field chosen: there, and so is response_A"},
    {"judgebench", "{\"prompt\":\"p\",\"chosen\":\"7\",\"rejected\":\"8\"}",
     ":1: field label: missing"},
    {"rmbench", "{" R2 ",\"chosen\":[\"7\"],\"rejected\":[\"4\"]}",
     ":1: field chosen: 1 answers; 3 were expected"},
    {"auto", "{" CJ ",\"pos_response\":\"x\"}", ":1: field neg_response: missing"},
    {"auto", "{" CJ ",\"pos_response\":\"x\",\"neg_response\":\" \"}",
     ":1: field neg_response: empty"},
    {"auto", "{" CJ ",\"pos_response\":\"x\",\"neg_response\":[\"y\"]}",
     ":1: field neg_response: a text was expected, found a list"},
    {"auto", "{\"pos_response\":\"x\",\"neg_response\":\"y\"}",
     ":1: field question_content: missing"},
    {"auto", "{" CJ ",\"pos_response\":\"x\",\"neg_response\":\"y\",\"pos_input\":\"1\"}",
     ":1: field neg_input: missing"},
    {"auto", "{" CJ ",\"pos_response\":\"x\",\"neg_response\":\"y\",\"wrong_code\":\"\"}",
     ":1: field wrong_code: empty"},
    {"auto",
     "{" CJ ",\"pos_response\":\"```python\\n```\",\"neg_response\":\"```python\\ny\\n```\"}",
     ":1: field pos_response: empty; code was expected"},
    {"pairs", "{\"prompt\":\"p\",\"chosen\":\"7\",\"rejected\":\"8\",\"language\":3}",
     ":1: field language: a text was expected"},
    {"auto", "{\"prompt\":\"p\",\"chosen\":\"7\",\"rejected\":\"8\",\"aspect\":\"\"}",
     ":1: field aspect: empty"},
    {"lists", "{\"prompt\":\"p\",\"chosen\":\"7\",\"rejected\":\"8\"}",
     ":1: field prompt_id: missing"},
    {"auto", "{\"prompt\":\"p\"}", ":1: field candidates: missing, and so is programs"},
    {"auto", "[{" SAME "1}]", "; of a JSON array every element is to stand on a line of its own"},
    {"auto", "[\n{" SAME "1}\n]\n", "; of a JSON array every element is to stand on a line of"},
};

static void refused(void)
{
    import_from_t from = as_it_looks;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        from.schema = bad[i].schema;
        write_lines(bad[i].line);
        test_fails(CODE_DATA, open_it, &from, bad[i].says);
    }
    write_lines("{" SAME "1}");
    from.schema = "auto";
    from.suite = "hard";
    test_fails(CODE_DATA, open_it, &from,
               ":1: field id: a line of a judge set (rewardbench2): its lists are of the suite "
               "heldout or train, not hard");
}

/* Five bad lines among three good ones are counted, the good ones stay. */
static void skipped(void)
{
    import_from_t from = as_it_looks;
    import_count_t c;
    bank_bads_t left = {0};
    from.skip_bad = 1;
    write_lines("{" SAME "1}\n{\"prompt\":\"p\",\"rejected\":[\"1\"]}\n{" R2
                ",\"chosen\":[\"7\"],\"rejected\":" SIX "}\n{" JB
                ",\"response_A\":\"x\",\"response_B\":\"y\",\"label\":\"A=B\"}\n{" JB
                ",\"response_A\":\"x\",\"response_B\":\"y\",\"label\":\"B>A\"}\n{" SAME
                "1,\"y\":2}\n{" CJ ",\"pos_response\":\"x\",\"neg_response\":\"y\"}\n{\"a\":1}\n");
    import_t *m = import_open(&from, &c, &left);
    check(left.n == 5 && c.skipped == 5 && c.lines == 3 && c.lists == 3, "%d left out, %lld lines",
          left.n, (long long)c.lines);
    static const int64_t want[JUDGE_SETS] =
        {[JUDGE_REWARDBENCH2] = 1, [JUDGE_JUDGEBENCH] = 1, [JUDGE_CODEJUDGEBENCH] = 1};
    check(!memcmp(c.judged, want, sizeof want));
    static const int line[5] = {2, 3, 4, 6, 8};
    for (int i = 0; i < 5 && i < left.n; i++)
        check(left.item[i].line == line[i], "line %d", left.item[i].line);
    bank_bads_free(&left);
    import_close(m);
}

/* A list for every chosen answer, with all rejected ones, whose equal rates are allowed. */
static void rewardbench(void)
{
    import_count_t c;
    bank_t b = bank_of(
        &as_it_looks,
        "{" R2
        ",\"id\":\"41\",\"chosen\":[\"7\"],\"rejected\":[\"4\",\"6\",\"8\"],\"num_incorrect\":3,"
        "\"total_completions\":4,\"models\":[\"Org/m1\",\"m2\",\"m3\",\"m4\"],\"additional_metadata\":{\"x\":null}}\n"
        "{\"id\":42,\"prompt\":[{\"role\":\"user\",\"content\":\"Hi.\"},{\"role\":\"assistant\",\"content\":\"Yes?\"},"
        "{\"role\":\"user\",\"content\":\"Name a prime.\"}],\"subset\":\"Ties\",\"num_correct\":3,"
        "\"chosen\":[\"2\",\"3\",\"5\"],\"rejected\":[\"9\",\"10\"],\"models\":null}\n"
        "{\"prompt\":[{\"role\":\"user\",\"content\":\"alone\"}],\"chosen\":\"x\",\"rejected\":[\"y\"]}\n",
        &c);
    check(c.lines == 3 && c.lists == 5 && c.problems == 3 && c.judged[JUDGE_REWARDBENCH2] == 3);
    check(b.n_problem == 3 && b.n_list == 5 && b.n_program == 4 + 5 + 2);
    check(b.list[0].n == 4 && b.list[1].n == 3 && b.list[3].n == 3 && b.list[4].n == 2);
    check(!strcmp(right_of(&b, 0)->source, "7") && right_of(&b, 0)->lang == LANG_TEXT);
    check(!strcmp(right_of(&b, 1)->source, "2") && !strcmp(right_of(&b, 2)->source, "3") &&
          !strcmp(right_of(&b, 3)->source, "5"));
    check(!strncmp(right_of(&b, 0)->origin, "41/Org:m1#", 10), "%s", right_of(&b, 0)->origin);
    check(!strncmp(right_of(&b, 1)->origin, "42/rewardbench2#", 16));
    check(!strncmp(right_of(&b, 4)->origin, "#3/rewardbench2#", 16), "%s", right_of(&b, 4)->origin);
    check(!strcmp(b.problem[0].family, "rewardbench2:Math") &&
          !strcmp(b.problem[1].family, "rewardbench2:Ties") &&
          !strcmp(b.problem[2].family, "rewardbench2:all"));
    check(!strcmp(b.problem[1].statement, "user: Hi.\n\nassistant: Yes?\n\nuser: Name a prime."));
    check(!strcmp(b.problem[2].statement, "alone") && b.problem[0].split == SUITE_HELDOUT);
    for (int i = 0; i < b.n_list; i++)
        check(b.list[i].suite == SUITE_HELDOUT);
    text_t id = {0};
    bank_problem_id(&b, 0, &id);
    check(!strcmp(id.s, "41"), "%s", id.s);
    text_reset(&id);
    bank_free(&b);
}

/* Nine pairs, each of which says its two styles; equal styles are allowed. */
static void rmbench(void)
{
    import_count_t c;
    import_from_t from = as_it_looks;
    from.suite = "train";
    bank_t b =
        bank_of(&from,
                "{\"id\":3,\"prompt\":\"p\",\"domain\":\"code\",\"chosen\":[\"a\",\"a\",\"b\"],"
                "\"rejected\":[\"x\",\"y\",\"z\"]}\n",
                &c);
    static const char *const style[] = {"concise", "detailed", "markdown"};
    check(b.n_list == 9 && b.n_program == 6 && b.n_problem == 1 && c.lists == 9);
    for (int k = 0; k < b.n_list; k++) {
        char right[64], wrong[64];
        snprintf(right, sizeof right, "+chosen-%s", style[k / 3]);
        snprintf(wrong, sizeof wrong, "+rejected-%s", style[k % 3]);
        check(b.list[k].n == 2 && strstr(right_of(&b, k)->origin, right) &&
                  strstr(wrong_of(&b, k)->origin, wrong),
              "pair %d: %s, %s", k, right_of(&b, k)->origin, wrong_of(&b, k)->origin);
        check(!strcmp(right_of(&b, k)->source, k < 6 ? "a" : "b") &&
              wrong_of(&b, k)->source[0] == 'x' + k % 3);
    }
    check(!strcmp(b.problem[0].family, "rmbench:code") && b.problem[0].split == SUITE_TRAIN &&
          b.list[0].suite == SUITE_TRAIN);
    bank_free(&b);
    from.schema = "rmbench"; /* parts number their lines anew */
    b = bank_of(
        &from,
        "{\"id\":3,\"prompt\":\"p\",\"subset\":\"s\",\"chosen\":[\"1\",\"2\",\"3\"],\"rejected\":[\"4\",\"5\",\"6\"]}\n"
        "{\"id\":3,\"prompt\":\"q\",\"subset\":\"t\",\"chosen\":[\"1\",\"2\",\"3\"],\"rejected\":[\"4\",\"5\",\"6\"]}\n",
        &c);
    check(b.n_list == 18 && b.n_problem == 2 && !strcmp(b.problem[1].family, "rmbench:t"));
    bank_free(&b);
}

static void pairs(void)
{
    import_count_t c;
    bank_t b = bank_of(
        &as_it_looks,
        "{" JB
        ",\"response_A\":\"x\",\"response_B\":\"y\",\"label\":\"B>A\",\"response_model\":\"gpt\",\"original_id\":7}\n"
        "{\"id\":\"c\",\"prompt\":\"Sort.\",\"chosen\":\"sort(x)\",\"rejected\":\"x\",\"language\":\"Python\","
        "\"aspect\":\"Runtime_Efficiency\",\"subset\":\"ECCO\"}\n"
        "{\"id\":\"d\",\"prompt\":\"Sort.\",\"chosen\":\"sort(x)\",\"rejected\":\"Use:\\n```\\nx\\n```\",\"language\":\"CSharp\","
        "\"aspect\":\"Functional_Correctness\"}\n"
        "{\"prompt\":\"p\",\"chosen\":\"```cpp\\nint x;\\n```\\n\",\"rejected\":\"\\n ````c++ \\nint ```y;\\n```\\n````\","
        "\"chosen_model\":\"m\",\"rejected_model\":null,\"subset\":\"hep-cpp\"}\n"
        "{\"prompt\":\"p2\",\"chosen\":\"```cpp\\nint x;\\n```\",\"rejected\":\"```go\\nx\\n```\"}\n"
        "{\"prompt\":\"p3\",\"chosen\":\"```\\nint x;\\n```\",\"rejected\":\"```\\nx\\n```\",\"language\":\"zz\"}\n"
        "{\"prompt\":\"p4\",\"chosen\":\"```\\nint x;\\n```\",\"rejected\":\"```\\nx\\n```\",\"language\":\"C\"}\n"
        "{\"prompt\":\"p5\",\"chosen\":\"```c\\nx\\n```\\nand\\n```\\ny\\n```\",\"rejected\":\"```c\\nx\\n```\"}\n",
        &c);
    static const lang_t lang[] = {LANG_TEXT, LANG_PYTHON, LANG_TEXT, LANG_CPP,
                                  LANG_TEXT, LANG_TEXT,   LANG_C,    LANG_TEXT};
    static const int64_t want[JUDGE_SETS] =
        {[JUDGE_JUDGEBENCH] = 1, [JUDGE_CODEREWARDBENCH] = 2, [JUDGE_PAIRS] = 5};
    check(b.n_list == 8 && b.n_problem == 8 && !memcmp(c.judged, want, sizeof want));
    for (int i = 0; i < 8; i++)
        check(b.list[i].n == 2 && right_of(&b, i)->lang == lang[i] &&
                  wrong_of(&b, i)->lang == lang[i],
              "list %d is in %s", i, lang_names[right_of(&b, i)->lang]);
    check(!strcmp(right_of(&b, 0)->source, "y") &&
          !strncmp(right_of(&b, 0)->origin, "j1/gpt#", 7) &&
          !strcmp(b.problem[0].family, "judgebench:s"));
    check(!strcmp(b.problem[1].statement, "Sort.\n\nWhat counts here: runtime efficiency.") &&
          !strcmp(b.problem[1].family, "coderewardbench:Runtime_Efficiency"));
    check(!strcmp(right_of(&b, 3)->source, "int x;\n") &&
          !strcmp(wrong_of(&b, 3)->source, "int ```y;\n```\n") &&
          !strncmp(right_of(&b, 3)->origin, "#4/m#", 5) &&
          !strncmp(wrong_of(&b, 3)->origin, "#4/pairs#", 9) &&
          !strcmp(b.problem[3].family, "pairs:hep-cpp"));
    check(!strcmp(right_of(&b, 6)->source, "int x;\n"));
    bank_free(&b);
}

/* What the judge of that set is shown; several pairs of one question are one problem. */
static void codejudgebench(void)
{
    import_count_t c;
    bank_t b = bank_of(
        &as_it_looks,
        "{" CJ
        ",\"pos_response\":\"```python\\nprint(3)\\n```\",\"neg_response\":\"```py\\nprint(4)\\n```\",\"difficulty\":\"hard\","
        "\"starter_code\":\"\",\"release_date\":null}\n"
        "{" CJ ",\"pos_response\":\"So: 3\",\"neg_response\":\"4\",\"difficulty\":\"hard\"}\n"
        "{" CJ
        ",\"pos_response\":\"3\",\"neg_response\":\"5\",\"pos_input\":\"1 2\",\"neg_input\":\"1 3\"}\n"
        "{" CJ
        ",\"pos_response\":\"fixed\",\"neg_response\":\"still wrong\",\"wrong_code\":\"print(0)\","
        "\"wrong_meta\":{\"error_code\":-2,\"inputs\":\"1 2\",\"output\":\"0\",\"expected\":\"3\",\"n\":null}}\n",
        &c);
    check(b.n_problem == 3 && b.n_list == 4 && c.judged[JUDGE_CODEJUDGEBENCH] == 4);
    check(b.list[0].problem == b.list[1].problem && b.problem[0].difficulty == 2);
    check(right_of(&b, 0)->lang == LANG_PYTHON && right_of(&b, 1)->lang == LANG_TEXT);
    check(!strcmp(right_of(&b, 0)->source, "print(3)\n") &&
          !strcmp(wrong_of(&b, 0)->source, "print(4)\n"));
    check(!strcmp(right_of(&b, 2)->source, "Input:\n1 2\nOutput:\n3\n") &&
          !strcmp(b.problem[1].family, "codejudgebench:testgen") &&
          strstr(b.problem[1].statement, "\n\nAdd.") != NULL);
    check(!strcmp(b.problem[2].family, "codejudgebench:coderepair") &&
              !strcmp(b.problem[2].statement,
                      "Add.\n\nThis program is to be repaired:\nprint(0)\n\nWhat is wrong with "
                      "it:\nerror_code: -2\ninputs: 1 2\noutput: 0\nexpected: 3"),
          "%s", b.problem[2].statement);
    bank_free(&b);
}

/* Positions: in every block of as many lists as candidates each once; another seed, another order;
   the same one, the same. */
static void order(void)
{
    enum { N = 400 };
    text_t lines = {0};
    import_count_t c;
    import_from_t from = as_it_looks;
    for (int i = 0; i < N; i++)
        text_addf(&lines,
                  "{\"prompt\":\"p%d\",\"chosen\":[\"y\"],\"rejected\":[\"1\",\"2\",\"3\"]}\n", i);
    bank_t b = bank_of(&from, lines.s, &c), again, other;
    int first_wrong[3] = {0}, moved = 0, same = 1;
    for (int i = 0; i < N; i += 4) {
        int at[4] = {0};
        for (int k = i; k < i + 4; k++)
            at[b.list[k].answer]++;
        check(at[0] == 1 && at[1] == 1 && at[2] == 1 && at[3] == 1, "block at %d", i);
    }
    again = bank_of(&from, lines.s, &c);
    from.seed = 8;
    other = bank_of(&from, lines.s, &c);
    for (int i = 0; i < N; i++) {
        const list_t *l = &b.list[i];
        first_wrong[b.program[l->program[l->answer == 0]].source[0] - '1']++;
        moved += l->answer != other.list[i].answer;
        same &= l->answer == again.list[i].answer;
    }
    check(same && moved > N / 2 && hash_equal(bank_hash(&b), bank_hash(&again)));
    for (int i = 0; i < 3; i++)
        check(first_wrong[i] > N / 5, "wrong answer %d comes first %d times", i, first_wrong[i]);
    bank_free(&b), bank_free(&again), bank_free(&other);
    text_reset(&lines);
}

int main(int argc, char **argv)
{
    char dir[] = "/tmp/judge-XXXXXX", command[64];
    check(mkdtemp(dir) != NULL);
    snprintf(path, sizeof path, "%s/l.jsonl", dir);
    snprintf(to, sizeof to, "%s/out.h5", dir);
    refused();
    skipped();
    rewardbench();
    rmbench();
    pairs();
    codejudgebench();
    order();
    test_begin(&argc, &argv);
    snprintf(command, sizeof command, "rm -r %s", dir);
    check(!system(command));
    return test_end();
}
