// Splitting rules: those known by heart cut text as their expressions do; expressions that would be
// read differently are refused.
// RUN: np=1
#include "test.h"
#include "io/pretoken.h"
#include <jansson.h>

static void bad_patterns(void)
{
    static const char *const pattern[] =
        {"\\p{Han}+", "\\p{^L}",      "\\pL",        "[\\P{L}a]", "[^\\S]", "(?i:ss)",
         "(?i:st)",   "(?i:\\p{Lu})", "(?i:\u00e9)", "a{2}?",     "a{2}+",  "a{,2}",
         "^a",        "a$",           "\\bx",        "\\w+",      "\\h",    "\\1",
         "(?<n>a)",   "(?i)a",        "(*ANY)a",     "[a[b]]",    "[a&&b]", "[]a]",
         "(a",        "a)",           "[a",          "\\",        "",       "(?<=a+)b",
         "a**"};
    text_t why = {0};
    for (size_t i = 0; i < sizeof pattern / sizeof *pattern; i++) {
        pcre2_code *re = regex_new(pattern[i], 0, &why);
        check(!re && why.len, "pattern %s", pattern[i]);
        pcre2_code_free(re);
    }
    text_reset(&why);
}

static void note(void *arg, const char *s, size_t n)
{
    *(hash_t *)arg = hash_more(*(hash_t *)arg, s, n);
}

/* The rules that are known by heart cut random text as their expressions do. */
static void both_ways(void)
{
    static const char *const bits[] = {" ",        "  ",         "\t",         "\n",     "\r\n",
                                       "\v",       "\x1c",       "\x7f",       "'",      "'",
                                       "s",        "T",          "re",         "VE",     "lL",
                                       "d",        "a",          "Z",          "word",   "7",
                                       "1234",     ".",          "(",          "_",      "$",
                                       "/",        "\u00a0",     "\u00e9",     "\u0301", "\u017f",
                                       "\u212a",   "\u3000",     "\u4e2d",     "\u0667", "\u2019",
                                       "\xC2\x85", "\U0001F600", "\U00031350", "\u180e"};
    json_t *all = json_load_file("tests/data/tokenizer_variants.json", 0, NULL),
           *list = json_object_get(all, "variants");
    int known = 0;
    text_t why = {0}, s = {0};
    for (size_t v = 0; v < json_array_size(list); v++) {
        json_t *pre = json_object_get(json_array_get(list, v), "pre_tokenizer"),
               *cuts = json_object_get(pre, "pretokenizers"), *item;
        size_t k;
        json_array_foreach (cuts, k, item) {
            const char *rule =
                json_string_value(json_object_get(json_object_get(item, "pattern"), "Regex"));
            if (!rule || !scan_find(rule))
                continue;
            pretoken_t p;
            known++;
            pretoken_init(&p);
            check(!pretoken_add(&p, rule, 0, CUT_ISOLATED, 0, &why) && p.cut[0].scan);
            const scan_t *scan = p.cut[0].scan;
            for (int i = 0; i < 20000; i++) {
                rng_t r = rng_make(3, RNG_TEST, v, (uint64_t)i);
                hash_t by_hand = {0}, by_rule = {0};
                text_clear(&s);
                for (int n = rng_below(&r, 12); n >= 0; n--)
                    text_add(&s,
                             bits[rng_below(&r, i % 2 ? 26 : (int)(sizeof bits / sizeof *bits))]);
                p.cut[0].scan = scan;
                pretoken_walk(&p, s.s, s.len, note, &by_hand);
                p.cut[0].scan = NULL;
                pretoken_walk(&p, s.s, s.len, note, &by_rule);
                check(hash_equal(by_hand, by_rule), "variant %zu: '%s'", v, s.s);
            }
            pretoken_reset(&p);
        }
    }
    check(known >= 3);
    text_reset(&why);
    text_reset(&s);
    json_decref(all);
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    bad_patterns();
    both_ways();
    return test_end();
}
