/* Group-relative policy optimisation, with and without thinking.

   Every prompt gets G completions; a completion's advantage is its reward's distance
   from the group's mean in units of the group's spread, so no value network is needed
   (Shao et al. 2024).  The loss is summed over all tokens of the batch and divided by
   their number, and the upper clip is wider than the lower (DAPO, Yu et al. 2025).  A
   weak pull (1e-3) towards a reference that is set to the policy every 100 steps.  One
   update per batch of samples.  The constants are those of the code-verifier study
   arXiv 2601.12186; a deck replaces any of them, and small models want a larger rate. */
#include "rl.h"

#define GRPO                                                                                     \
    .advantage = ADV_GROUP_STD, .ratio = RATIO_TOKEN, .normaliser = NORM_TOKEN, .clip_low = 0.2, \
    .clip_high = 0.28, .kl_beta = 1e-3, .reference_reset = 100, .group = 16, .prompts = 128,     \
    .temperature = 1, .lr = 1e-6, .warmup_fraction = 0.05, .weight_decay = 0.01, .clip_norm = 1, \
    .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8

const recipe_t recipe_grpo_instruct = {
    .name = "grpo-instruct",
    .mode = MODE_INSTRUCT,
    GRPO,
    .max_new = 4096,
    .overlong_cache = 1024,
};

const recipe_t recipe_grpo_think = {
    .name = "grpo-think",
    .mode = MODE_THINK,
    GRPO,
    .max_new = 8192,
    .overlong_cache = 2048,
};
