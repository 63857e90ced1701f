/* Recipes: presets of one space, and the deck keys that move a run away from a preset.

   A recipe_t is a point in the space {answer form} x {advantage} x {ratio} x {clips} x
   {normaliser} x {KL weight, reference reset} x {group, budget, temperature} x
   {optimizer}.  include/recipes.def lists the presets, one file recipe_<family>.c holds
   their numbers.  The table below says which key of [recipe] is which field; reading,
   and writing a preset's numbers into the effective deck, are both one loop over it.

   The overlong cache that is not given follows from the budget: 1024 tokens up to a
   budget of 4096 (never more than a quarter of it), 2048 above. */
#include "rl.h"
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const recipe_t *const presets[] = {
#define RECIPE(id, name) &recipe_##id,
#include "recipes.def"
#undef RECIPE
};
enum { PRESETS = sizeof presets / sizeof *presets };

static const char *const modes[] = {"instruct", "think", NULL};
static const char *const advantages[] = {"group-std", "mean-only", "positives", NULL};
static const char *const ratios[] = {"token", "sequence", NULL};
static const char *const normalisers[] = {"token", "sequence", "constant", NULL};

/* names: the choices of an enum field; integer: an int field; neither: a double. */
#define FIELD(member) offsetof(recipe_t, member)
static const struct {
    const char *key;
    size_t at;
    int integer;
    const char *const *names;
} fields[] = {
    {"recipe.mode", FIELD(mode), 0, modes},
    {"recipe.advantage", FIELD(advantage), 0, advantages},
    {"recipe.ratio", FIELD(ratio), 0, ratios},
    {"recipe.normaliser", FIELD(normaliser), 0, normalisers},
    {"recipe.clip_low", FIELD(clip_low), 0, NULL},
    {"recipe.clip_high", FIELD(clip_high), 0, NULL},
    {"recipe.kl_beta", FIELD(kl_beta), 0, NULL},
    {"recipe.reference_reset", FIELD(reference_reset), 1, NULL},
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
        if (!strcmp(presets[i]->name, name))
            return presets[i];
    return NULL;
}

void recipe_names(text_t *out)
{
    for (int i = 0; i < PRESETS; i++)
        text_addf(out, "%s%s", i ? ", " : "", presets[i]->name);
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

void recipe_fill(deck_t *d)
{
    recipe_t r = recipe_read(d);
    for (int i = 0; i < FIELDS; i++) {
        const char *p = (const char *)&r + fields[i].at;
        char value[64];
        int whole = 0;
        double real = 0;
        if (deck_is_set(d, fields[i].key))
            continue;
        if (fields[i].names || fields[i].integer)
            memcpy(&whole, p, sizeof whole);
        else
            memcpy(&real, p, sizeof real);
        if (fields[i].names)
            snprintf(value, sizeof value, "%s", fields[i].names[whole]);
        else if (fields[i].integer)
            snprintf(value, sizeof value, "%d", whole);
        else
            shortest(value, sizeof value, real);
        deck_set(d, fields[i].key, value);
    }
}
