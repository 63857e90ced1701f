/* Recipes: presets of one space, and the deck keys that move a run away from a preset.

   A recipe_t is a point in the space {answer form} x {objective} x {advantage} x {ratio} x
   {clips} x {normaliser} x {steps on one set of parameters} x {filter, refill} x {KL
   weight, reference reset} x {group, budget, temperature} x {optimizer}.  A row of
   include/recipes.def is a preset: the constants of the code-verifier study (arXiv
   2601.12186; a deck replaces any of them, and small models want a larger rate), then
   what makes it itself.  The table below says which key of [recipe] is which field;
   reading, and writing a preset's numbers into the effective deck, are both one loop over
   it.

   The overlong cache that is not given follows from the budget: 1024 tokens up to a
   budget of 4096 (never more than a quarter of it), 2048 above. */
#include "rl.h"
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Group-relative policy optimisation (Shao et al. 2024): a completion's advantage is its
   reward's distance from its group's mean in units of the group's spread; summed over all
   tokens of the batch and divided by their number, with the upper clip wider than the
   lower (Yu et al. 2025); a weak pull towards a reference that is set to the policy now
   and then; one update per batch of samples. */
#define STUDY                                                                                    \
    .objective = OBJECTIVE_CLIP, .advantage = ADV_GROUP_STD, .ratio = RATIO_TOKEN,               \
    .normaliser = NORM_TOKEN, .clip_low = 0.2, .clip_high = 0.28, .kl_beta = 1e-3,               \
    .pair_beta = 0.1, .reference_reset = 100, .sync_every = 1, .group = 16, .prompts = 128,      \
    .temperature = 1, .lr = 1e-6, .warmup_fraction = 0.05, .weight_decay = 0.01, .clip_norm = 1, \
    .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8
#define THINK     .mode = MODE_THINK, .max_new = 8192
#define INSTRUCT  .mode = MODE_INSTRUCT, .max_new = 4096
#define NO_PULL   .kl_beta = 0, .reference_reset = 0
#define POSITIVES NO_PULL, .advantage = ADV_POSITIVES
#define PAIRS     NO_PULL, .objective = OBJECTIVE_PAIR

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
static const recipe_t presets[] = {
#define RECIPE(word, origin, ...) {.name = word, .source = origin, __VA_ARGS__},
#include "recipes.def"
#undef RECIPE
};
#pragma GCC diagnostic pop
enum { PRESETS = sizeof presets / sizeof *presets };

static const char *const modes[] = {"instruct", "think", NULL};
static const char *const objectives[] = {"clip", "cispo", "nll", "pair", NULL};
static const char *const advantages[] = {"group-std", "mean-only", "leave-one-out",
                                         "sign",      "positives", NULL};
static const char *const ratios[] = {"token", "sequence", NULL};
static const char *const normalisers[] = {"token", "sequence", "constant", NULL};
static const char *const filters[] = {"none", "all-equal", "all-right-or-wrong", NULL};

/* names: the choices of an enum field; integer: an int field; neither: a double. */
#define FIELD(member) offsetof(recipe_t, member)
static const struct {
    const char *key;
    size_t at;
    int integer;
    const char *const *names;
} fields[] = {
    {"recipe.mode", FIELD(mode), 0, modes},
    {"recipe.objective", FIELD(objective), 0, objectives},
    {"recipe.advantage", FIELD(advantage), 0, advantages},
    {"recipe.ratio", FIELD(ratio), 0, ratios},
    {"recipe.normaliser", FIELD(normaliser), 0, normalisers},
    {"recipe.clip_low", FIELD(clip_low), 0, NULL},
    {"recipe.clip_high", FIELD(clip_high), 0, NULL},
    {"recipe.clip_dual", FIELD(clip_dual), 0, NULL},
    {"recipe.kl_beta", FIELD(kl_beta), 0, NULL},
    {"recipe.pair_beta", FIELD(pair_beta), 0, NULL},
    {"recipe.reference_reset", FIELD(reference_reset), 1, NULL},
    {"recipe.sync_every", FIELD(sync_every), 1, NULL},
    {"recipe.filter", FIELD(filter), 0, filters},
    {"recipe.refill", FIELD(refill), 1, NULL},
    {"recipe.keep", FIELD(keep), 1, NULL},
    {"recipe.group", FIELD(group), 1, NULL},
    {"recipe.prompts", FIELD(prompts), 1, NULL},
    {"recipe.max_new", FIELD(max_new), 1, NULL},
    {"recipe.overlong_cache", FIELD(overlong_cache), 1, NULL},
    {"recipe.temperature", FIELD(temperature), 0, NULL},
    {"recipe.lr", FIELD(lr), 0, NULL},
    {"recipe.warmup", FIELD(warmup_fraction), 0, NULL},
    {"recipe.weight_decay", FIELD(weight_decay), 0, NULL},
    {"recipe.clip_norm", FIELD(clip_norm), 0, NULL},
    {"recipe.beta1", FIELD(beta1), 0, NULL},
    {"recipe.beta2", FIELD(beta2), 0, NULL},
    {"recipe.eps", FIELD(eps), 0, NULL},
};
enum { FIELDS = sizeof fields / sizeof *fields };

const recipe_t *recipe_find(const char *name)
{
    for (int i = 0; i < PRESETS; i++)
        if (!strcmp(presets[i].name, name))
            return &presets[i];
    return NULL;
}

void recipe_names(text_t *out)
{
    for (int i = 0; i < PRESETS; i++)
        text_addf(out, "%s%s", i ? ", " : "", presets[i].name);
}

static int choice(const char *const *names, const char *value)
{
    for (int i = 0; names[i]; i++)
        if (!strcmp(names[i], value))
            return i;
    return -1;
}

static int overlong_rule(int max_new)
{
    if (max_new > 4096)
        return 2048;
    return max_new / 4 < 1024 ? max_new / 4 : 1024;
}

recipe_t recipe_read(const deck_t *d)
{
    const recipe_t *preset = recipe_find(deck_text(d, "recipe.name"));
    if (!preset) {
        text_t names = {0};
        recipe_names(&names);
        fail(CODE_USAGE, "recipe.name = %s is not a recipe; there are %s",
             deck_text(d, "recipe.name"), names.s);
    }
    recipe_t r = *preset;
    for (int i = 0; i < FIELDS; i++) {
        char *p = (char *)&r + fields[i].at;
        if (!deck_is_set(d, fields[i].key))
            continue;
        if (fields[i].names) { /* enums of non-negative constants are stored as int */
            int value = choice(fields[i].names, deck_text(d, fields[i].key));
            ASSERT(value >= 0);
            memcpy(p, &value, sizeof value);
        } else if (fields[i].integer) {
            int value = (int)deck_int(d, fields[i].key);
            memcpy(p, &value, sizeof value);
        } else {
            double value = deck_real(d, fields[i].key);
            memcpy(p, &value, sizeof value);
        }
    }
    if (!deck_is_set(d, "recipe.overlong_cache"))
        r.overlong_cache = overlong_rule(r.max_new);
    if (r.overlong_cache > r.max_new)
        fail(CODE_USAGE, "recipe.overlong_cache = %d must not be above recipe.max_new = %d",
             r.overlong_cache, r.max_new);
    return r;
}

/* The fewest digits that read back as the same number: 0.2, not 0.20000000000000001. */
static void shortest(char *out, size_t n, double x)
{
    for (int digits = 6; digits <= 17; digits++) {
        snprintf(out, n, "%.*g", digits, x);
        if (strtod(out, NULL) == x)
            return;
    }
}

/* One field's value in words. */
static void value_of(const recipe_t *r, int field, char *out, size_t n)
{
    const char *p = (const char *)r + fields[field].at;
    int whole = 0;
    double real = 0;
    if (fields[field].names || fields[field].integer)
        memcpy(&whole, p, sizeof whole);
    else
        memcpy(&real, p, sizeof real);
    if (fields[field].names)
        snprintf(out, n, "%s", fields[field].names[whole]);
    else if (fields[field].integer)
        snprintf(out, n, "%d", whole);
    else
        shortest(out, n, real);
}

void recipe_fill(deck_t *d)
{
    recipe_t r = recipe_read(d);
    for (int i = 0; i < FIELDS; i++) {
        char value[64];
        if (deck_is_set(d, fields[i].key))
            continue;
        value_of(&r, i, value, sizeof value);
        deck_set(d, fields[i].key, value);
    }
}

static recipe_t whole(const recipe_t *preset)
{
    recipe_t r = *preset;
    r.overlong_cache = overlong_rule(r.max_new);
    return r;
}

void recipe_table(text_t *out)
{
    recipe_t base = whole(&presets[0]);
    char a[64], b[64];
    text_addf(out,
              "Recipes (recipe.name), every constant of which is a key of [recipe]\n\n%s  %s\n   ",
              base.name, base.source);
    for (int i = 0; i < FIELDS; i++) {
        value_of(&base, i, a, sizeof a);
        text_addf(out, "%s %s=%s", i && i % 5 == 0 ? "\n   " : "", fields[i].key + 7, a);
    }
    text_addf(out, "\n\nThe others, where they differ from %s:\n", base.name);
    for (int k = 1; k < PRESETS; k++) {
        recipe_t r = whole(&presets[k]);
        text_addf(out, "\n%s  %s\n   ", r.name, r.source);
        for (int i = 0; i < FIELDS; i++) {
            value_of(&base, i, a, sizeof a);
            value_of(&r, i, b, sizeof b);
            if (strcmp(a, b))
                text_addf(out, " %s=%s", fields[i].key + 7, b);
        }
        text_add(out, "\n");
    }
}

/* What goes together ------------------------------------------------------------------- */

int recipe_keeps_reference(const recipe_t *r)
{
    return r->kl_beta > 0 || (r->objective == OBJECTIVE_PAIR && r->sync_every > 0);
}

typedef struct {
    int bad;
    const char *what; /* which keys, what they would mean, what to do */
} rule_t;

int recipe_check(const recipe_t *r, const deck_t *d, text_t *why)
{
    int offline = r->sync_every == 0, files = *deck_text(d, "data.rollouts") != 0;
    int pair = r->objective == OBJECTIVE_PAIR, positives = r->advantage == ADV_POSITIVES;
    int fresh = !strcmp(deck_text(d, "data.source"), "fresh");
    const rule_t rules[] = {
        {r->objective == OBJECTIVE_NLL && !positives,
         "recipe.objective = nll learns right answers and no others: set recipe.advantage = "
         "positives, or recipe.objective = clip for signed advantages"},
        {pair && positives,
         "recipe.advantage = positives has no wrong answers, recipe.objective = pair needs one in "
         "every pair: leave recipe.advantage as the preset has it"},
        {r->keep && !positives,
         "recipe.keep chooses among right answers: it needs recipe.advantage = positives"},
        {pair && r->kl_beta > 0,
         "recipe.kl_beta has no place beside recipe.objective = pair, whose pull towards the "
         "reference is recipe.pair_beta: set recipe.kl_beta = 0"},
        {!offline && !positives && r->advantage != ADV_SIGN && r->group < 2,
         "recipe.group = 1 compares a completion with nothing: every advantage would be 0; set "
         "recipe.group = 2 or more"},
        {!offline && pair && r->group < 2,
         "recipe.objective = pair chooses best and worst of a group: set recipe.group = 2 or more"},
        {r->refill && r->filter == FILTER_NONE,
         "recipe.refill draws again for groups that recipe.filter takes out, and that is none"},
        {r->refill && offline,
         "recipe.refill draws more prompts, recipe.sync_every = 0 samples nothing: set "
         "recipe.refill = 0 (groups of files that the filter takes out are never drawn)"},
        {r->clip_dual > 0 && (r->objective != OBJECTIVE_CLIP || r->clip_dual <= 1 + r->clip_high),
         "recipe.clip_dual bounds the clipped objective's ratio for bad answers: it needs "
         "recipe.objective = clip, and must be above 1 + recipe.clip_high"},
        {offline && !files,
         "recipe.sync_every = 0 learns from files alone: name them in data.rollouts (`aletheia "
         "collect` makes them)"},
        {!offline && files,
         "data.rollouts names answers that were sampled before, recipe.sync_every is not 0: set "
         "recipe.sync_every = 0, or take data.rollouts away"},
        {offline && fresh,
         "data.source = fresh draws lists for sampling, recipe.sync_every = 0 samples nothing: "
         "set data.source = file"},
        {offline && pair && r->reference_reset,
         "recipe.reference_reset moves the reference, but that of stored pairs is the model that "
         "the run begins with: set recipe.reference_reset = 0"},
    };
    int all = 0;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        all += rules[i].bad != 0;
    if (all > 1)
        text_add(why, "the recipe contradicts itself:");
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (rules[i].bad)
            text_addf(why, "%s%s", all > 1 ? "\n  " : "", rules[i].what);
    return all > 0;
}
