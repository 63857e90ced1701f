/* Rotary positions of config.json.

   Two spellings are read: rope_theta and rope_scaling {"type" or "rope_type", ...}, or all of it
   in rope_parameters; where both are there they must agree.  rope_theta is 10000 where nothing
   says so.  A parameter that the kind does not have is refused: it may mean another
   function.  local */
#include "field.h"
#include "io/hf.h"
#include <string.h>

static int among(const char *key, const char *const *list)
{
    for (; *list; list++)
        if (!strcmp(key, *list))
            return 1;
    return 0;
}

static double positive(const field_t *r, const char *key, double otherwise)
{
    double x = field_real_or(r, key, otherwise);
    if (!(x > 0))
        field_bad(r, key,
                  field_get(r, key) ? "a positive number was expected"
                                    : "missing; a positive number was expected");
    return x;
}

static void rope_original(const field_t *f, const field_t *r, model_config_t *c)
{
    const char *key = "original_max_position_embeddings";
    const field_t *from = field_get(f, key) ? f : r;
    c->rope.original = (int)field_int_or(from, key, 1, 1 << 30, c->max_position);
}

static void read_yarn(const field_t *r, model_config_t *c)
{
    double factor = c->rope.factor;
    c->rope.low = positive(r, "beta_slow", 1);
    c->rope.high = positive(r, "beta_fast", 32);
    c->rope.truncate = field_flag_or(r, "truncate", 1);
    c->rope.attention = field_get(r, "attention_factor")
                            ? positive(r, "attention_factor", 0)
                            : rope_yarn_attention(factor, field_real_or(r, "mscale", 0),
                                                  field_real_or(r, "mscale_all_dim", 0));
}

/* Fields of the rotary parameters that each kind reads. */
static void rope_fields(const field_t *r, rope_kind_t kind)
{
    static const char *const common[] = {"rope_type", "type", "rope_theta", "partial_rotary_factor",
                                         NULL};
    static const char *const own[ROPES][10] =
        {[ROPE_LINEAR] = {"factor"},
         [ROPE_LLAMA3] = {"factor", "low_freq_factor", "high_freq_factor",
                          "original_max_position_embeddings"},
         [ROPE_YARN] = {"factor", "original_max_position_embeddings", "attention_factor",
                        "beta_fast", "beta_slow", "mscale", "mscale_all_dim", "truncate"}};
    const char *key;
    json_t *v;
    json_object_foreach ((json_t *)r->o, key, v) {
        if (!among(key, common) && !among(key, own[kind]) && !json_is_null(v))
            field_bad(r, key, "is not known for rotary positions of type %s", rope_names[kind]);
    }
}

static void read_scaled(const field_t *f, const char *where, model_config_t *c)
{
    field_t r = field_object(f, where);
    const char *type = field_text_or(&r, "rope_type", field_text_or(&r, "type", "default"));
    int kind = 0;
    while (kind < ROPES && strcmp(type, rope_names[kind]))
        kind++;
    if (kind == ROPES)
        field_bad(f, where,
                  "rotary positions of type %s are not supported; known are default, linear, "
                  "llama3 and yarn",
                  type);
    rope_fields(&r, (rope_kind_t)kind);
    if (field_real_or(&r, "partial_rotary_factor", 1) != 1)
        field_bad(&r, "partial_rotary_factor", "only 1 is supported");
    c->rope.kind = (rope_kind_t)kind;
    c->rope.theta = field_real_or(&r, "rope_theta", c->rope.theta);
    if (kind == ROPE_DEFAULT)
        return;
    c->rope.factor = positive(&r, "factor", 0);
    if (kind != ROPE_LINEAR)
        rope_original(f, &r, c);
    if (kind == ROPE_LLAMA3) {
        c->rope.low = positive(&r, "low_freq_factor", 0);
        c->rope.high = positive(&r, "high_freq_factor", 0);
    } else if (kind == ROPE_YARN) {
        read_yarn(&r, c);
    }
}

static int same_rope(const rope_t *a, const rope_t *b)
{
    return a->kind == b->kind && a->theta == b->theta && a->factor == b->factor &&
           a->low == b->low && a->high == b->high && a->attention == b->attention &&
           a->original == b->original && a->truncate == b->truncate;
}

void hf_rope_read(const field_t *f, model_config_t *c)
{
    c->rope = (rope_t){.theta = field_real_or(f, "rope_theta", 10000)};
    if (field_real_or(f, "partial_rotary_factor", 1) != 1)
        field_bad(f, "partial_rotary_factor", "only 1 is supported");
    int old = field_get(f, "rope_scaling") != NULL, newer = field_get(f, "rope_parameters") != NULL;
    if (old)
        read_scaled(f, "rope_scaling", c);
    rope_t before = c->rope;
    if (newer)
        read_scaled(f, "rope_parameters", c);
    if (old && newer && !same_rope(&before, &c->rope))
        field_bad(f, "rope_parameters", "contradicts rope_scaling or rope_theta");
    if (newer && field_get(f, "rope_theta") && field_real_or(f, "rope_theta", 0) != c->rope.theta)
        field_bad(f, "rope_theta", "contradicts rope_parameters.rope_theta %g", c->rope.theta);
}
