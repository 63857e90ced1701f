// A line of others that contradicts itself, another line or its suite is refused with file, line
// and field; good ones make a sound bank.
// RUN: np=1
#include "test.h"
#include "io.h"

static const char *const good[][2] = {
    {"prompt_id", "\"p1\""},
    {"query", "\"Add two numbers.\""},
    {"generator", "\"Org/Model-7B\""},
    {"language", "\"python\""},
    {"num_candidates", "3"},
    {"candidates", "[\"print(1)\", \"print(2)\", \"print(3)\"]"},
    {"chosen_position", "1"},
    {"chosen_answer", "\"[[B]]\""},
    {"pass_rates", "[0.25, 1.0, 0.5]"},
    {"easy_hard", "\"easy\""},
    {"weak_strong", "\"weak\""},
    {"source", "\"Codeforces\""},
    {"max_prompt_tokens", "64"},
    {"idx", "\"train_1\""},
    {"modification", NULL},
};

/* The good line with up to two fields in place of its own; value NULL: without the field. */
static void put(FILE *f, const char *const edit[4])
{
    const char *between = "{";
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        const char *value = good[i][1];
        for (int e = 0; e < 4; e += 2)
            if (edit[e] && !strcmp(edit[e], good[i][0]))
                value = edit[e + 1];
        if (value)
            fprintf(f, "%s\"%s\": %s", between, good[i][0], value), between = ", ";
    }
    fprintf(f, "}\n");
}

static const struct {
    const char *edit[4], *says;
} wrong[] = {
    {{"prompt_id", NULL}, "field prompt_id: missing; a text was expected"},
    {{"prompt_id", "7"}, "field prompt_id: a text was expected, found a whole number"},
    {{"prompt_id", "\"\""}, "field prompt_id: empty"},
    {{"query", NULL}, "field query: missing; a text"},
    {{"generator", NULL}, "field generator: missing; a text"},
    {{"language", NULL}, "field language: missing; one of python, c,"},
    {{"language", "\"cobol\""}, "field language: \"cobol\" is not known; one of python"},
    {{"candidates", NULL}, "field candidates: missing, and so is programs"},
    {{"candidates", "\"print(1)\""}, "field candidates: a list was expected, found a text"},
    {{"candidates", "[\"x\"]"}, "field candidates: 1 programs; 2 to 5"},
    {{"candidates", "[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\"]"},
     "field candidates: 6 programs; 2 to 5"},
    {{"candidates", "[\"x\", 5, \"y\"]"}, "field candidates: candidate B: a text was expected"},
    {{"candidates", "[\"x\", \"y\", \"x\"]"}, "field candidates: A and C are the same program"},
    {{"num_candidates", NULL}, "field num_candidates: missing; a whole number"},
    {{"num_candidates", "2"}, "field num_candidates: 2, but there are 3 candidates"},
    {{"num_candidates", "\"3\""},
     "field num_candidates: a whole number was expected, found a text"},
    {{"pass_rates", NULL}, "field pass_rates: a list was expected, found nothing"},
    {{"pass_rates", "[0.25, 1.0]"}, "field pass_rates: 2 numbers; 3 were expected"},
    {{"pass_rates", "[\"0.25\", 1.0, 0.5]"}, "field pass_rates: that of candidate A: a number"},
    {{"pass_rates", "[0.25, 1.0, null]"}, "field pass_rates: that of candidate C: a number"},
    {{"pass_rates", "[-0.1, 1.0, 0.5]"},
     "field pass_rates: that of candidate A, -0.1, is outside 0 to 1"},
    {{"pass_rates", "[0.25, 1.0, 1.5]"},
     "field pass_rates: that of candidate C, 1.5, is outside 0 to 1"},
    {{"pass_rates", "[0.25, 1.0, 1]"}, "field pass_rates: candidates B and C both have 1;"},
    {{"pass_rates", "[0.25, 0.4, 0.5]"}, "field pass_rates: no candidate has 1;"},
    {{"pass_rates", "[0.25, 1.0, 0.25]"},
     "field pass_rates: the wrong candidates A and C both have 0.25"},
    {{"pass_rates", "[0.25, 1.0, 0.6]"},
     "field pass_rates: 0.6 of the wrong candidate C is outside 0 to 0.5"},
    {{"chosen_position", NULL}, "field chosen_position: missing; a whole number from 0 to 3"},
    {{"chosen_position", "4"}, "field chosen_position: 4 is outside 0 to 3"},
    {{"chosen_position", "-1"}, "field chosen_position: -1 is outside 0 to 3"},
    {{"chosen_position", "1.0"},
     "field chosen_position: a whole number was expected, found a real"},
    {{"chosen_position", "0"},
     "field chosen_position: 0, but by pass_rates candidate B is the right one: 1 "
     "counted from 0, 2 from 1"},
    {{"chosen_position", "2"},
     "field chosen_position: 2 for candidate B counts from 1, but earlier lines of this "
     "file count from 0"},
    {{"chosen_answer", NULL}, "field chosen_answer: missing; a text"},
    {{"chosen_answer", "\"[[A]]\""},
     "field chosen_answer: candidate A, but by pass_rates and chosen_position it is B"},
    {{"chosen_answer", "\"print(3)\""}, "field chosen_answer: candidate C, but by"},
    {{"chosen_answer", "\"[[D]]\""},
     "field chosen_answer: \"[[D]]\" is neither a letter A to C nor"},
    {{"easy_hard", "\"medium\""}, "field easy_hard: \"medium\"; easy or hard was expected"},
    {{"easy_hard", "\"hard\""}, "field easy_hard: hard, but lists of the suite train are easy"},
    {{"weak_strong", "\"strong\""},
     "field weak_strong: strong, but lists of the suite train are weak"},
    {{"modification", "\"praise\""},
     "field modification: there, but lists of the suite train have none"},
    {{"source", "3"}, "field source: a text was expected, found a whole"},
    {{"max_prompt_tokens", "\"many\""},
     "field max_prompt_tokens: a whole number was expected, found a text"},
    {{"max_prompt_tokens", "-1"}, "field max_prompt_tokens: -1 is outside 0"},
    {{"idx", "[1]"}, "field idx: a text was expected, found a list"},
    {{"idx", "\"train_0\""}, "field idx: the same as in "},
    {{"prompt_id", "\"p0\""},
     "field candidates: the same candidates for the same prompt_id as in "},
};

/* As the only line of a file whose suite is not named. */
static const struct {
    const char *edit[4], *says;
} unclear[] = {
    {{"easy_hard", NULL}, "field easy_hard: missing; a text"},
    {{"weak_strong", NULL}, "field weak_strong: missing; a text"},
    {{NULL},
     "field easy_hard: easy, and weak_strong is weak: such lists are of the train suite or of heldout"},
    {{"easy_hard", "\"hard\"", "weak_strong", "\"strong\""},
     "field easy_hard: hard, and weak_strong is strong: no suite"},
    {{"easy_hard", "\"hard\"", "pass_rates", "[0.7, 1, 0.5]"},
     "field pass_rates: 0.5 of the wrong candidate C is "
     "outside 0.7 to 0.9, as hard lists"},
};

static char path[600], tests_path[600];

static const import_from_t from_train = {.in = path,
                                         .suite = "train",
                                         .schema = "auto",
                                         .tests = "",
                                         .beside = path,
                                         .time_ms = 1000,
                                         .memory_kb = 65536,
                                         .line_bytes = 1 << 20};

static void open_it(void *arg)
{
    import_count_t c;
    bank_bads_t bad = {0};
    import_close(import_open(arg, &c, &bad));
}

static const char *const first_line[4] = {"prompt_id", "\"p0\"", "idx", "\"train_0\""};

static void refused(void)
{
    import_from_t from = from_train;
    char says[1400];
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        FILE *f = fopen(path, "w");
        put(f, first_line);
        put(f, wrong[i].edit);
        fclose(f);
        snprintf(says, sizeof says, "%s:2: %s", path, wrong[i].says);
        test_fails(CODE_DATA, open_it, &from, says);
    }
    from.suite = "auto";
    for (size_t i = 0; i < sizeof unclear / sizeof *unclear; i++) {
        FILE *f = fopen(path, "w");
        put(f, unclear[i].edit);
        fclose(f);
        snprintf(says, sizeof says, "%s:1: %s", path, unclear[i].says);
        test_fails(CODE_DATA, open_it, &from, says);
    }
    from.suite = "adv";
    test_fails(CODE_DATA, open_it, &from,
               ":1: field modification: missing; lists of the suite adv say how");
}

static void write_text(const char *to, const char *s, size_t n)
{
    check(!text_write_file(to, s, n));
}

/* Lines that are no JSON, and tests. */
static void other_lines(void)
{
    static const struct {
        const char *line, *says;
    } bad[] = {
        {"x", ":1: not JSON"},
        {"{\"prompt_id\": \"p1\", ", ":1: not JSON"},
        {"[1]", ":1: a JSON object was expected"},
        {"{\"prompt_id\": \"a\xff\xfe\"}", ":1: not JSON: unable to decode byte 0xff"},
        {"{\"prompt_id\": \"\xc3\"}", ":1: not JSON: unable to decode byte 0xc3"},
        {"{\"prompt_id\": \"a\\u0000b\", \"candidates\": []}",
         ":1: field prompt_id: it holds a NUL byte"},
        {"{\"prompt_id\": \"a\", \"prompt_id\": \"b\"}", ":1: not JSON: duplicate object key"},
        {"{\"tests\": []}", ":1: field candidates: missing, and so is programs"},
        {"{\"candidates\": [], \"programs\": []}",
         ":1: field candidates: there, and so is programs"},
        {"\n \n", ": nothing is in it; one JSON object on each line was expected"},
        {"", ": nothing is in it"},
    };
    static const struct {
        const char *line, *says;
    } tests[] = {
        {"{\"tests\": []}", ":1: field prompt_id: missing; a text"},
        {"{\"prompt_id\": \"p0\", \"tests\": []}", ":1: field tests: empty"},
        {"{\"prompt_id\": \"p0\", \"tests\": [{\"input\": \"1\"}]}",
         ":1: field tests: test 1 has no output"},
        {"{\"prompt_id\": \"p0\", \"tests\": [{\"input\": 1, \"output\": \"1\"}]}",
         ":1: field tests[0].input: a text"},
        {"{\"prompt_id\": \"p0\", \"time_ms\": 1, \"tests\": [{\"output\": \"\"}]}",
         ":1: field time_ms: 1 is outside"},
        {"{\"prompt_id\": \"p0\", \"tests\": [{\"output\": \"\"}]}\n{\"prompt_id\": \"p0\", \"tests\": [{\"output\": \"\"}]}",
         ":2: field prompt_id: the same as in "},
        {"{\"prompt_id\": \"p0\", \"tests\": [{\"call\": \"assert f(1)\"}]}",
         ":1: field language: not python, but the tests"},
    };
    import_from_t from = from_train;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        write_text(path, bad[i].line, strlen(bad[i].line));
        test_fails(CODE_DATA, open_it, &from, bad[i].says);
    }
    write_text(path, "{\"a\": \"b\1c\"}", 12);
    test_fails(CODE_DATA, open_it, &from, ":1: not JSON");
    from.line_bytes = 100;
    FILE *f = fopen(path, "w");
    put(f, (const char *const[4]){"language", "\"cpp\"", "prompt_id", "\"p0\""});
    fclose(f);
    test_fails(CODE_DATA, open_it, &from, ":1: the line is longer than 100 bytes");
    from = from_train;
    from.tests = tests_path;
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
        write_text(tests_path, tests[i].line, strlen(tests[i].line));
        test_fails(CODE_DATA, open_it, &from, tests[i].says);
    }
    from.in = "/dev/null";
    test_fails(CODE_DATA, open_it, &from, "/dev/null: a plain file was expected");
}

/* All batches of an input as one bank, by way of a file that grows. */
static bank_t all_of(const import_from_t *from, import_count_t *count, const char *to)
{
    bank_t b;
    bank_bads_t bad = {0};
    import_t *m = import_open(from, count, &bad);
    bank_out_t *o = bank_create(to, NULL, 1);
    text_t t = {0};
    while (text_clear(&t), import_next(m, &t)) {
        import_batch_t batch;
        import_read(&batch, t.s, t.len);
        for (int i = 0; i < batch.bank.n_program; i++)
            check(batch.bank.program[i].label == LABEL_IMPORTED
                      ? batch.said[i] == batch.bank.program[i].pass_rate
                      : isnan(batch.bank.program[i].pass_rate));
        bank_append(o, &batch.bank);
        import_batch_free(&batch);
    }
    text_reset(&t);
    import_close(m);
    bank_commit(o);
    bank_read(NULL, &b, to);
    return b;
}

/* Lines on the same problem come together, tests are joined, equal programs are one. */
static void sound(const char *to)
{
    import_count_t c;
    import_from_t from = from_train;
    FILE *f = fopen(path, "w");
    put(f, first_line);
    put(f, (const char *const[4]){"idx", "7"});
    put(f, (const char *const[4]){"candidates", "[\"print(1)\",\"print(2)\",\"x\"]", "idx", "8"});
    put(f, (const char *const[4]){"prompt_id", "\"p0\"", "candidates", "[\"a\",\"b\",\"c\"]"});
    for (int i = 0; i < 9; i++) { /* one prompt_id, three statements in turn: three problems */
        char query[16], candidates[40];
        snprintf(query, sizeof query, "\"q%d\"", i % 3);
        snprintf(candidates, sizeof candidates, "[\"%d\",\"b\",\"c\"]", i);
        fprintf(
            f,
            "{\"prompt_id\":\"p3\",\"query\":%s,\"generator\":\"g\",\"language\":\"c\",\"num_candidates\":3,"
            "\"candidates\":%s,\"chosen_position\":0,\"chosen_answer\":\"A\",\"pass_rates\":[1,0,0.5]}\n",
            query, candidates);
    }
    fclose(f);
    const char *one =
        "{\"prompt_id\": \"p0\", \"time_ms\": 1500, \"tests\": [{\"input\": \"1\", \"output\": \"2\"}]}\n"
        "{\"prompt_id\": \"p9\", \"tests\": [{\"input\": \"1\", \"output\": \"2\"}]}\n";
    write_text(tests_path, one, strlen(one));
    from.tests = tests_path;
    bank_t b = all_of(&from, &c, to);
    check(c.lines == 13 && c.lists == 13 && c.problems == 5 && c.tested == 2 && c.unused == 1 &&
          !c.overlap);
    check(b.n_problem == 5 && b.n_test == 1 && b.n_list == 13 && b.n_program == 6 + 4 + 15,
          "%d problems, %d programs", b.n_problem, b.n_program);
    for (int i = 4; i < 13; i++) {
        int problem = 2 + (i - 4) / 3, of = (i - 4) % 3 * 3 + (i - 4) / 3;
        check(b.list[i].problem == problem && atoi(b.program[b.list[i].program[0]].source) == of &&
                  b.problem[problem].statement[1] == '0' + (i - 4) / 3,
              "list %d", i);
    }
    check(b.problem[0].tests == 1 && b.problem[0].time_ms == 1500 && !b.problem[1].tests &&
          b.problem[1].time_ms == 1000);
    check(b.program[0].label == LABEL_EXECUTED && b.program[9].label == LABEL_IMPORTED);
    check(b.list[0].problem == 0 && b.list[1].problem == 0 && b.list[2].problem == 1 &&
          b.list[3].program[0] == b.list[2].program[0]);
    check(!strcmp(b.program[b.list[3].program[2]].origin, "p1/Org:Model-7B#4"), "%s",
          b.program[9].origin);
    check(b.list[3].answer == 1 && b.problem[1].split == SUITE_TRAIN &&
          bank_imported_lists(&b, SUITE_TRAIN) == 11);
    bank_free(&b);
}

/* More lines than the index holds at a time. */
static void many(const char *to)
{
    enum { N = 40000, PROMPTS = 35000 };
    import_count_t c;
    import_from_t from = from_train;
    FILE *f = fopen(path, "w");
    char says[1400];
    for (int i = 0; i < N; i++)
        fprintf(
            f,
            "{\"prompt_id\":\"%d\",\"query\":\"q\",\"generator\":\"g\",\"language\":\"c\",\"num_candidates\":2,"
            "\"candidates\":[\"%d\",\"x\"],\"chosen_position\":0,\"chosen_answer\":\"A\",\"pass_rates\":[1,0],"
            "\"idx\":%d}\n",
            i % PROMPTS, i, i);
    fclose(f);
    bank_t b = all_of(&from, &c, to);
    check(b.n_list == N && b.n_problem == PROMPTS && b.n_program == 2 * PROMPTS + N - PROMPTS);
    for (int i = 0, p = 0, twice = 0; i < N; i += twice, p++) {
        twice = p < N - PROMPTS ? 2 : 1;
        const program_t *r = &b.program[b.list[i].program[0]];
        if (b.list[i].problem != p || atoi(r->source) != p || atoi(r->origin) != p) {
            check(0, "list %d: problem %d, %s", i, b.list[i].problem, r->origin);
            break;
        }
    }
    bank_free(&b);
    f = fopen(path, "a");
    fprintf(
        f,
        "{\"prompt_id\":\"0\",\"query\":\"q\",\"generator\":\"g\",\"language\":\"c\",\"num_candidates\":2,"
        "\"candidates\":[\"0\",\"x\"],\"chosen_position\":0,\"chosen_answer\":\"A\",\"pass_rates\":[1,0]}\n");
    fclose(f);
    snprintf(says, sizeof says,
             "%s:%d: field candidates: the same candidates for the same prompt_id as in %s:1", path,
             N + 1, path);
    test_fails(CODE_DATA, open_it, &from, says);
}

/* Files that a line names are in the batch: whoever gets it needs nothing else. */
static void files(void)
{
    static const char line[] =
        "{\"id\":\"p\",\"tests\":[{\"input_file\":\"in\",\"outputs\":[\"x\",{\"file\":\"in\"}]}],\"programs\":[{\"language\":\"c\","
        "\"source_file\":\"in\"}],\"checker\":{\"language\":\"c\",\"source_file\":\"ck\"},\"input_file\":\"none\"}\n";
    char in[700], ck[700];
    import_count_t c;
    bank_bads_t bad = {0};
    import_from_t from = from_train;
    text_t t = {0};
    import_batch_t b;
    snprintf(in, sizeof in, "%.*sin", (int)(strrchr(path, '/') + 1 - path), path);
    snprintf(ck, sizeof ck, "%.*sck", (int)(strrchr(path, '/') + 1 - path), path);
    for (size_t n = 0; n < 8; n++) { /* every length of the last group */
        write_text(in, "\xff\0\1ab\0cd", n);
        write_text(ck, "main", 4);
        write_text(path, line, sizeof line - 1);
        import_t *m = import_open(&from, &c, &bad);
        text_clear(&t);
        check(bad.n == 0 && import_next(m, &t));
        check(!unlink(in) && !unlink(ck));
        import_read(&b, t.s, t.len);
        check(b.bank.n_test == 1 && b.bank.test[0].n_input == n &&
              !memcmp(b.bank.test[0].input, "\xff\0\1ab\0cd", n));
        check(b.bank.n_accept == 1 && b.bank.accept[0].n_output == n &&
              b.bank.program[0].n_source == n && !strcmp(b.bank.problem[0].checker, "main"));
        import_batch_free(&b);
        import_close(m);
    }
    text_reset(&t);
}

int main(int argc, char **argv)
{
    char dir[] = "/tmp/import-XXXXXX", to[600], command[64];
    check(mkdtemp(dir) != NULL);
    snprintf(path, sizeof path, "%s/l.jsonl", dir);
    snprintf(tests_path, sizeof tests_path, "%s/t.jsonl", dir);
    snprintf(to, sizeof to, "%s/out.h5", dir);
    refused();
    other_lines();
    sound(to);
    many(to);
    files();
    test_begin(&argc, &argv);
    snprintf(command, sizeof command, "rm -r %s", dir);
    check(!system(command));
    return test_end();
}
