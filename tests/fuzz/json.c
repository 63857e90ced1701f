/* Changes to a JSON text that leave it JSON: libFuzzer alone changes bytes, and a reader of JSON
   refuses nearly all of what that gives at its first line.

   A value is picked anywhere in the tree and replaced (by one that tends to be a border case, by a
   copy of another value, by itself plus or minus one), taken away, doubled, wrapped in a list or an
   object, given another's key; the bytes of a text are left to libFuzzer.  One time in eight, and
   when the text is not JSON, so is everything. */
#include "fuzz.h"
#include <jansson.h>

enum { SLOTS = 4096 };
/* key NULL: element `at` of a list */
typedef struct {
    json_t *in;
    const char *key;
    size_t at;
    json_t *value;
} slot_t;

unsigned fuzz_next(unsigned *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void collect(json_t *o, slot_t *s, int *n)
{
    const char *key;
    json_t *v;
    size_t i;
    if (json_is_object(o))
        json_object_foreach (o, key, v) {
            if (*n < SLOTS)
                s[(*n)++] = (slot_t){o, key, 0, v};
            collect(v, s, n);
        }
    json_array_foreach (o, i, v) {
        if (*n < SLOTS)
            s[(*n)++] = (slot_t){o, NULL, i, v};
        collect(v, s, n);
    }
}

static json_t *border(unsigned r)
{
    static const json_int_t whole[] = {0,         1,         -1,        2,         3,
                                       8,         255,       256,       65536,     1 << 24,
                                       INT32_MAX, 1ll << 31, 1ll << 32, 1ll << 53, 1ll << 59,
                                       1ll << 62, INT64_MAX, INT64_MIN};
    static const double real[] = {0.5, -0.0, 1e308, 1e-320, -1.5, 1e10};
    enum { WHOLE = sizeof whole / sizeof *whole, REAL = sizeof real / sizeof *real };
    if (r % 2)
        return json_integer(whole[r / 2 % WHOLE]);
    switch (r / 2 % 8) {
    case 0:
        return json_real(real[r / 16 % REAL]);
    case 1:
        return json_string("");
    case 2:
        return json_string("a");
    case 3:
        return json_true();
    case 4:
        return json_false();
    case 5:
        return json_null();
    case 6:
        return json_array();
    default:
        return json_object();
    }
}

static void set(const slot_t *s, json_t *v)
{
    if (s->key)
        json_object_set_new(s->in, s->key, v);
    else
        json_array_set_new(s->in, s->at, v);
}

static json_t *other_text(const json_t *v)
{
    uint8_t buf[4096];
    size_t n = json_string_length(v);
    if (n > sizeof buf / 2)
        n = sizeof buf / 2;
    memcpy(buf, json_string_value(v), n);
    n = LLVMFuzzerMutate(buf, n, sizeof buf);
    json_t *s = json_stringn((char *)buf, n);
    return s ? s : json_string("?");
}

static json_t *near(const json_t *v, unsigned r)
{
    uint64_t x = (uint64_t)json_integer_value(v);
    uint64_t to[] = {x + 1, x - 1, 2 * x, 0 - x, x / 2, x + 4, x ^ 1ull << (r / 8 % 63), x * 65537};
    return json_integer((json_int_t)to[r % 8]);
}

static void edit(json_t *root, unsigned *seed)
{
    static slot_t slot[SLOTS];
    int n = 0;
    collect(root, slot, &n);
    if (!n)
        return;
    const slot_t *s = &slot[fuzz_next(seed) % (unsigned)n],
                 *t = &slot[fuzz_next(seed) % (unsigned)n];
    unsigned r = fuzz_next(seed);
    json_t *v = json_deep_copy(s->value);
    char key[80];
    switch (fuzz_next(seed) % 10) {
    case 0:
        set(s, border(r));
        break;
    case 1:
        s->key ? json_object_del(s->in, s->key) : json_array_remove(s->in, s->at);
        break;
    case 2:
        snprintf(key, sizeof key, "%.70s%u", s->key ? s->key : "", r % 4);
        if (s->key)
            json_object_set(s->in, key, v);
        else
            json_array_insert(s->in, s->at, v);
        break;
    case 3:
        set(s, json_deep_copy(t->value));
        break;
    case 4:
        set(s, r % 2 ? json_pack("[O]", v) : json_pack("{sO}", t->key ? t->key : "a", v));
        break;
    case 5:
        if (s->key && t->key) {
            snprintf(key, sizeof key, "%s", t->key);
            json_object_del(s->in, s->key);
            json_object_set(json_is_object(s->in) ? s->in : root, key, v);
        }
        break;
    default:
        if (json_is_string(v))
            set(s, other_text(v));
        else
            set(s, json_is_integer(v) ? near(v, r) : border(r));
    }
    json_decref(v);
}

size_t fuzz_json(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    json_t *root = fuzz_next(&seed) % 8 ? json_loadb((char *)data, size, 0, NULL) : NULL;
    if (!root)
        return LLVMFuzzerMutate(data, size, max);
    for (unsigned i = fuzz_next(&seed) % 3; i < 3; i++)
        edit(root, &seed);
    char *s = json_dumps(root, JSON_COMPACT);
    size_t n = s ? strlen(s) : 0;
    json_decref(root);
    if (s && n && n <= max)
        memcpy(data, s, n);
    free(s);
    return s && n && n <= max ? n : LLVMFuzzerMutate(data, size, max);
}

size_t fuzz_lines(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    size_t first = size ? fuzz_next(&seed) % size : 0, end = first;
    while (first > 0 && data[first - 1] && data[first - 1] != '\n')
        first--;
    while (end < size && data[end] && data[end] != '\n')
        end++;
    size_t n = end - first, rest = size - end, made;
    uint8_t *line = malloc(max + 1), *tail = malloc(rest + 1);
    memcpy(line, data + first, n);
    memcpy(tail, data + end, rest);
    if (n && fuzz_next(&seed) % 16 == 0 && size + n + 1 <= max) {
        made = n + 1;
        memmove(data + end + made, data + end, rest);
        data[end] = '\n';
        memcpy(data + end + 1, line, n);
        size += made;
    } else {
        made = fuzz_next(&seed) % 32 ? fuzz_json(line, n, max - first - rest, seed) : 0;
        memcpy(data + first, line, made);
        memcpy(data + first + made, tail, rest);
        size = first + made + rest;
    }
    free(line);
    free(tail);
    return size;
}
