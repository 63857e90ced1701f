/* One line of a public judge set: a request, and answers of which others say that they are right
   or wrong.

       set              fields; those in brackets may be absent or null
       rewardbench2     prompt, chosen [TEXT, ...], rejected [TEXT, ...], [id, subset, num_correct,
                        num_incorrect, total_completions, models]
       rmbench          prompt, chosen [TEXT x 3], rejected [TEXT x 3], [id, domain, subset]: each
                        side concise, detailed, detailed with markdown
       judgebench       question, response_A, response_B, label "A>B" or "B>A", [pair_id, source,
                        response_model]
       coderewardbench  prompt, chosen, rejected, aspect, [id, language]
       codejudgebench   question_content, pos_response, neg_response, [question_id, difficulty];
                        wrong_code, [wrong_meta] where code is repaired; pos_input, neg_input where
                        the answers are tests
       pairs            prompt, chosen, rejected, [id, subset, language, chosen_model,
                        rejected_model]: any set of that form

   A prompt is a text or a list of messages {role, content}; chosen and rejected are a text or a
   list of texts.  Other fields are left alone without a word: these sets have many.  Which set a
   line is of is seen from its fields, unless import.schema says it; one that fits two is refused.

   A line is a problem and one or several lists, each of one right answer and one to four wrong
   ones: a list for every chosen answer with all rejected ones; of rmbench the nine pairs of a
   chosen and a rejected style, which the names of the answers state.

   Answers are texts, but for sets of code (the last three): there all of a line are programs of a
   language where each is one fenced block and nothing else (the block's inside is the program; the
   tag of the fence or the field language says which), or where the line has a language that is
   known and none has a fence (import_answers.c).  Everything else is shown as it stands. */
#include "import.h"
#include <string.h>

const char *const judge_set_names[JUDGE_SETS] = {"rewardbench2",    "judgebench",     "rmbench",
                                                 "coderewardbench", "codejudgebench", "pairs"};

int judge_family(const char *family)
{
    size_t n = strcspn(family, ":");
    for (int i = 0; i < JUDGE_SETS; i++)
        if (family[n] && strlen(judge_set_names[i]) == n && !strncmp(judge_set_names[i], family, n))
            return 1;
    return 0;
}

static int is_there(const field_t *f, const char *key)
{
    return field_get(f, key) != NULL;
}

/* Which set ----------------------------------------------------------------------------- */

static const char *const marks[][2] = {{"chosen", "rejected"},
                                       {"response_A", "response_B"},
                                       {"pos_response", "neg_response"}};

/* The pair of marks that a line has; -1: none; two are refused. */
static int mark_of(const field_t *f)
{
    int found = -1;
    for (int i = 0; i < 3; i++) {
        const char *key = marks[i][!is_there(f, marks[i][0])];
        if (!is_there(f, key))
            continue;
        if (found >= 0)
            field_bad(f, marks[found][!is_there(f, marks[found][0])],
                      "there, and so is %s: they are of different judge sets (import.schema says "
                      "which is read)",
                      key);
        found = i;
    }
    return found;
}

int import_judged(const field_t *f)
{
    return mark_of(f) >= 0;
}

static int is_three(const field_t *f, const char *key)
{
    return json_array_size(field_get(f, key)) == 3;
}

/* Sets that say chosen and rejected. */
static judge_set_t by_chosen(const field_t *f, int pairs)
{
    int counted = is_there(f, "num_correct") || is_there(f, "num_incorrect") ||
                  is_there(f, "total_completions");
    if (is_there(f, "aspect"))
        return JUDGE_CODEREWARDBENCH;
    if (pairs ||
        !(json_is_array(field_get(f, "chosen")) || json_is_array(field_get(f, "rejected"))))
        return JUDGE_PAIRS;
    if (counted && is_there(f, "domain"))
        field_bad(f, "domain",
                  "there, as in RM-Bench, and so is num_correct, num_incorrect or "
                  "total_completions, as in RewardBench 2: import.schema = rmbench or rewardbench2 "
                  "says which it is");
    if (!counted && !is_there(f, "domain") && is_three(f, "chosen") && is_three(f, "rejected"))
        field_bad(f, "domain",
                  "missing, and so is num_correct: three answers on each side are nine pairs of "
                  "RM-Bench (domain) or lists of RewardBench 2 (num_correct); import.schema = "
                  "rmbench or rewardbench2 says which");
    return is_there(f, "domain") ? JUDGE_RMBENCH : JUDGE_REWARDBENCH2;
}

static judge_set_t set_of(const field_t *f, int set)
{
    if (set >= 0 && set != JUDGE_PAIRS)
        return (judge_set_t)set;
    int mark = mark_of(f);
    return mark == 1 && set < 0 ? JUDGE_JUDGEBENCH
           : mark == 2          ? JUDGE_CODEJUDGEBENCH
                                : by_chosen(f, set == JUDGE_PAIRS);
}

/* Who wrote answer i, where it is said. */
static void written_by(import_judge_t *j, int i, const json_t *who)
{
    if (json_is_string(who) && !judge_blank(json_string_value(who)))
        j->text[i].by = json_string_value(who);
}

/* Sets ---------------------------------------------------------------------------------- */

static void check_count(const field_t *f, const char *key, int n, const char *of)
{
    int64_t k = field_int_or(f, key, 0, INT32_MAX, n);
    if (k != n)
        field_bad(f, key, "%lld, but there are %d %s", (long long)k, n, of);
}

static void read_chosen(import_judge_t *j, const field_t *f)
{
    const json_t *models = field_get(f, "models");
    judge_request(j, f, "prompt");
    judge_side(j, f, "chosen", &j->right);
    judge_side(j, f, "rejected", &j->wrong);
    int n = j->right + j->wrong;
    if (j->set == JUDGE_REWARDBENCH2) {
        check_count(f, "num_correct", j->right, "chosen answers");
        check_count(f, "num_incorrect", j->wrong, "rejected answers");
        check_count(f, "total_completions", n, "answers");
    }
    int named = (int)json_array_size(models);
    for (int i = 0; i < n; i++)
        if (j->set == JUDGE_REWARDBENCH2 && (named == n || named == 1))
            written_by(j, i, json_array_get(models, named == n ? (size_t)i : 0));
        else if (j->set == JUDGE_PAIRS)
            written_by(j, i, field_get(f, i < j->right ? "chosen_model" : "rejected_model"));
    static const char *const style[] = {"concise", "detailed", "markdown"};
    for (int i = 0; j->set == JUDGE_RMBENCH && i < n; i++)
        snprintf(j->text[i].style, sizeof j->text[i].style, "%s-%s",
                 i < j->right ? "chosen" : "rejected", style[i % 3]);
    if (j->set == JUDGE_CODEREWARDBENCH) {
        text_add(&j->statement, "\n\nWhat counts here: ");
        for (const char *s = judge_said(f, "aspect"); *s; s++)
            text_addf(&j->statement, "%c", *s == '_' ? ' ' : *s >= 'A' && *s <= 'Z' ? *s + 32 : *s);
        text_add(&j->statement, ".");
    }
    if (j->set == JUDGE_CODEREWARDBENCH || j->set == JUDGE_PAIRS)
        judge_code(j, f);
}

static void read_judgebench(import_judge_t *j, const field_t *f)
{
    const char *label = judge_said(f, "label");
    int b = !strcmp(label, "B>A");
    if (!b && strcmp(label, "A>B"))
        field_bad(f, "label", "\"%.40s\"; A>B or B>A was expected, since one answer must be right",
                  label);
    judge_request(j, f, "question");
    judge_side(j, f, b ? "response_B" : "response_A", &j->right);
    judge_side(j, f, b ? "response_A" : "response_B", &j->wrong);
    if (j->right != 1 || j->wrong != 1)
        field_bad(f, "response_A", "a text was expected, as in response_B");
    written_by(j, 0, field_get(f, "response_model"));
    written_by(j, 1, field_get(f, "response_model"));
}

/* What a repair is told: a text, or the texts and numbers of an object. */
static void add_meta(import_judge_t *j, const json_t *meta)
{
    const char *key, *before = "\n\nWhat is wrong with it:\n";
    json_t *v;
    if (json_is_string(meta) && !judge_blank(json_string_value(meta)))
        text_addf(&j->statement, "%s%s", before, json_string_value(meta));
    json_object_foreach ((json_t *)meta, key, v) {
        if (json_is_string(v) && !judge_blank(json_string_value(v)))
            text_addf(&j->statement, "%s%s: %s", before, key, json_string_value(v)), before = "\n";
        else if (json_is_integer(v))
            text_addf(&j->statement, "%s%s: %lld", before, key, (long long)json_integer_value(v)),
                before = "\n";
    }
}

static void read_codejudge(import_judge_t *j, const field_t *f)
{
    static const char *const inputs[] = {"pos_input", "neg_input"},
                             *const answers[] = {"pos_response", "neg_response"};
    int tests = is_there(f, "pos_input") || is_there(f, "neg_input");
    int repair = is_there(f, "wrong_code");
    const char *difficulty = json_string_value(field_get(f, "difficulty"));
    for (int i = 0; difficulty && i < 3; i++)
        if (!strcmp(difficulty, difficulty_names[i]))
            j->difficulty = i;
    j->task = repair ? "coderepair" : tests ? "testgen" : "codegen";
    if (tests)
        text_add(&j->statement, "Give a test of this problem: an input, and the output that is "
                                "right for it.\n\n");
    judge_request(j, f, "question_content");
    if (repair) {
        text_addf(&j->statement, "\n\nThis program is to be repaired:\n%s",
                  judge_said(f, "wrong_code"));
        add_meta(j, field_get(f, "wrong_meta"));
    }
    for (int i = 0; i < 2; i++) {
        judge_side(j, f, answers[i], i ? &j->wrong : &j->right);
        if (json_is_array(field_get(f, answers[i])))
            field_bad(f, answers[i], "a text was expected, found a list");
        if (tests) {
            text_t both = {0};
            char *answer = j->text[i].text;
            const char *input = field_text(f, inputs[i]);
            text_addf(&both, "Input:\n%s\nOutput:\n%s\n", input, answer);
            mem_free(answer);
            j->text[i].text = both.s;
        }
    }
    if (!tests)
        judge_code(j, f);
}

static void read_id(import_judge_t *j, const field_t *f)
{
    static const char *const keys[JUDGE_SETS] = {"id", "pair_id", "id", "id", "question_id", "id"};
    const char *key = j->id_key = keys[j->set];
    const json_t *v = field_get(f, key);
    if (json_is_integer(v))
        snprintf(j->id, sizeof j->id, "%lld", (long long)json_integer_value(v));
    else if (v && strlen(field_text(f, key)) >= sizeof j->id)
        field_bad(f, key, "longer than %zu bytes", sizeof j->id - 1);
    else if (v)
        strcpy(j->id, field_text(f, key));
}

static void read_family(import_judge_t *j, const field_t *f)
{
    static const char *const keys[JUDGE_SETS] = {"subset", "source", "domain",
                                                 "aspect", NULL,     "subset"};
    const char *key = keys[j->set];
    if (j->set == JUDGE_RMBENCH && !is_there(f, key))
        key = "subset";
    const char *part = key ? field_text_or(f, key, "") : j->task;
    for (const char *s = part; *s; s++)
        if ((unsigned char)*s < ' ' || s - part > 100)
            field_bad(f, key, "a name of at most 100 bytes, without line ends, was expected");
    text_addf(&j->family, "%s:%s", judge_set_names[j->set], judge_blank(part) ? "all" : part);
}

/* Answers that are the same cannot be told apart; styles of RM-Bench may be. */
static void check_same(const import_judge_t *j, const field_t *f)
{
    int n = j->right + j->wrong;
    for (int i = 0; i < n; i++)
        for (int k = 0; k < i; k++) {
            int across = k < j->right && i >= j->right;
            if ((j->set == JUDGE_RMBENCH && !across) || strcmp(j->text[i].text, j->text[k].text))
                continue;
            if (across)
                field_bad(f, judge_key(j->set, 1),
                          "the same text as a right answer; it cannot be right and wrong");
            field_bad(f, judge_key(j->set, i >= j->right),
                      "answers %d and %d are the same text; different ones were expected",
                      k + 1 - (i < j->right ? 0 : j->right), i + 1 - (i < j->right ? 0 : j->right));
        }
}

void import_judge(import_judge_t *j, const field_t *f, int set)
{
    *j = (import_judge_t){.set = set_of(f, set), .lang = LANG_TEXT};
    if (j->set == JUDGE_JUDGEBENCH)
        read_judgebench(j, f);
    else if (j->set == JUDGE_CODEJUDGEBENCH)
        read_codejudge(j, f);
    else
        read_chosen(j, f);
    check_same(j, f);
    read_id(j, f);
    read_family(j, f);
    j->lists = j->set == JUDGE_RMBENCH ? j->right * j->wrong : j->right;
    j->length = j->set == JUDGE_RMBENCH ? 2 : 1 + j->wrong;
}

/* List k of a line: the right answer and the wrong ones, as numbers of texts. */
void import_judge_list(const import_judge_t *j, int k, int pick[5])
{
    int styles = j->set == JUDGE_RMBENCH;
    pick[0] = styles ? k / j->wrong : k;
    for (int i = 1; i < j->length; i++)
        pick[i] = j->right + (styles ? k % j->wrong : i - 1);
}

/* Number `at` among the lists of its length: positions are drawn in blocks of as many lists as they
   have candidates, and in each every position comes once. */
int import_judge_place(uint64_t seed, int64_t at, int length, int *wrong)
{
    int place[5] = {0, 1, 2, 3, 4};
    rng_t r =
        rng_make(seed, RNG_LIST, (uint64_t)1 << 32 | (uint64_t)length, (uint64_t)(at / length));
    rng_shuffle(&r, place, length);
    rng_t own = rng_make(seed, RNG_LIST, (uint64_t)2 << 32 | (uint64_t)length, (uint64_t)at);
    rng_shuffle(&own, wrong, length - 1);
    return place[at % length];
}

void import_judge_free(import_judge_t *j)
{
    for (int i = 0; i < j->right + j->wrong; i++)
        mem_free(j->text[i].text);
    mem_free(j->text);
    text_reset(&j->statement);
    text_reset(&j->family);
    *j = (import_judge_t){0};
}
