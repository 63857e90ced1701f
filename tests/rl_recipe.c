// A preset has the published constants, every key moves one of them, and the effective deck says
// the same recipe again.  Data order visits every list once an epoch, by seed; the rate rises,
// holds and falls as the deck says.
// RUN: np=1
#include "test.h"
#include "rl.h"

static recipe_t from(const char *text)
{
    deck_t *d = deck_parse("test", text, 0, NULL);
    recipe_t r = recipe_read(d);
    recipe_fill(d);
    recipe_t again = recipe_read(d);
    text_t effective = {0};
    deck_write(d, &effective);
    deck_t *copy = deck_parse("effective", effective.s, 0, NULL);
    recipe_t third = recipe_read(copy);
    check(!memcmp(&r, &again, sizeof r) && !memcmp(&r, &third, sizeof r));
    check(!deck_differs(d, copy));
    text_reset(&effective);
    deck_free(copy);
    deck_free(d);
    return r;
}

static void presets(void)
{
    recipe_t i = from("[recipe]\nname = grpo-instruct\n"),
             t = from("[recipe]\nname = grpo-think\n");
    check(i.mode == MODE_INSTRUCT && t.mode == MODE_THINK);
    check(i.max_new == 4096 && i.overlong_cache == 1024 && t.max_new == 8192 &&
          t.overlong_cache == 2048);
    check(i.group == 16 && i.prompts == 128 && i.temperature == 1 && i.reference_reset == 100);
    check(i.clip_low == 0.2 && i.clip_high == 0.28 && i.kl_beta == 1e-3 && i.lr == 1e-6);
    check(i.normaliser == NORM_TOKEN && i.ratio == RATIO_TOKEN && i.advantage == ADV_GROUP_STD);
    check(i.warmup_fraction == 0.05 && i.weight_decay == 0.01);
    recipe_t m = from("[recipe]\nname = grpo-think\nmax_new = 160\ngroup = 8\nratio = sequence\n"
                      "clip_low = 3e-4\nnormaliser = constant\nadvantage = positives\nmode = "
                      "instruct\n");
    check(m.max_new == 160 && m.overlong_cache == 40 && m.group == 8 && m.ratio == RATIO_SEQUENCE);
    check(m.clip_low == 3e-4 && m.normaliser == NORM_CONSTANT && m.advantage == ADV_POSITIVES);
    check(m.mode == MODE_INSTRUCT && m.lr == 1e-6);
    check(from("[recipe]\nmax_new = 5000\n").overlong_cache == 2048);
    check(!recipe_find("no such recipe"));
}

static void order(void)
{
    enum { N = 23 };
    list_t list[N] = {{0}};
    bank_t b = {.list = list, .n_list = N};
    for (int i = 0; i < N; i++) {
        list[i].n = 2 + i % 4;
        list[i].suite = i % 7 ? SUITE_TRAIN : SUITE_HELDOUT;
    }
    data_t *d = data_new(&b, 5), *e = data_new(&b, 6);
    int n = data_count(d, 5), differ = 0;
    check(n == 19 && data_count(d, 2) + 0 == 5 && data_count(d, 1) == 0);
    for (int epoch = 0; epoch < 3; epoch++) {
        int seen[N] = {0};
        for (int i = 0; i < n; i++) {
            int at = data_list(d, 5, (int64_t)epoch * n + i);
            check(list[at].suite == SUITE_TRAIN && !seen[at]++);
            differ += at != data_list(e, 5, (int64_t)epoch * n + i);
        }
    }
    check(differ > n);
    int one = data_list(d, 3, 4), two = data_list(d, 5, 40);
    check(list[one].n <= 3 && data_list(d, 3, 4) == one && data_list(d, 5, 40) == two);
    data_free(d);
    data_free(e);
}

static void rates(void)
{
    deck_t *d =
        deck_parse("test", "[recipe]\nlr = 0.5\nwarmup = 0.1\ndecay = cosine\ndecay_to = 0.2\n", 0,
                   NULL);
    deck_t *l = deck_parse("test", "[recipe]\nlr = 0.5\nwarmup = 0\ndecay = linear\ndecay_to = 0\n",
                           0, NULL);
    check(fabs(rate_at(d, 0, 100) - 0.05) < 1e-12 && fabs(rate_at(d, 10, 100) - 0.5) < 1e-12);
    check(fabs(rate_at(d, 55, 100) - 0.3) < 1e-12 && fabs(rate_at(d, 100, 100) - 0.1) < 1e-12);
    check(fabs(rate_at(l, 25, 100) - 0.375) < 1e-12);
    deck_free(d);
    deck_free(l);
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    presets();
    order();
    rates();
    return test_end();
}
