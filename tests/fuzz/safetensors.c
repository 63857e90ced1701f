/* safetensors_open, safetensors_shape and safetensors_get on any bytes.

   A change is made to the JSON header, whose length is then written anew; every second time the
   offsets are laid out again from types and shapes and the data is made as long as they say,
   because a file whose data does not fit its header is refused before anything else of it is looked
   at.  Shapes to ask for come from the header itself. */
#include "fuzz.h"
#include "io.h"
#include <jansson.h>

typedef struct {
    const char *path;
    json_t *header;
} input_t;

static void use(void *arg)
{
    input_t *in = arg;
    safetensors_t *s = safetensors_open(in->path);
    for (int i = 0; i < safetensors_count(s); i++) {
        const char *name = safetensors_name(s, i);
        fuzz_want(safetensors_find(s, name) == i, "%s is not found", name);
        const json_t *shape = json_object_get(json_object_get(in->header, name), "shape"), *item;
        size_t k;
        int64_t dim[8] = {0}, count = 1;
        json_array_foreach (shape, k, item)
            count *= dim[k] = json_integer_value(item);
        float *x = ALLOC(float, count ? count : 1);
        safetensors_shape(s, i, dim, (int)json_array_size(shape));
        safetensors_get(s, i, 0, count, x);
        mem_free(x);
    }
    safetensors_close(s);
}

static size_t header_size(const uint8_t *data, size_t size)
{
    uint64_t n = 0;
    for (int i = 7; i >= 0 && size >= 8; i--)
        n = n << 8 | data[i];
    return size >= 8 && n <= size - 8 ? (size_t)n : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input_t in = {fuzz_file("model.safetensors", data, size), NULL};
    in.header =
        json_loadb((const char *)data + 8, header_size(data, size), JSON_REJECT_DUPLICATES, NULL);
    fuzz_try(use, &in);
    json_decref(in.header);
    return 0;
}

/* Offsets that fit the shapes, in the header's order; their end. */
static int64_t lay_out(json_t *header)
{
    const char *name;
    json_t *t, *item;
    size_t i;
    int64_t at = 0;
    json_object_foreach (header, name, t) {
        const char *type = json_string_value(json_object_get(t, "dtype"));
        int64_t n = !type                ? 0
                    : strstr(type, "64") ? 8
                    : strstr(type, "32") ? 4
                    : strstr(type, "16") ? 2
                                         : 1;
        json_array_foreach (json_object_get(t, "shape"), i, item) {
            int64_t d = json_integer_value(item);
            n = d < 0 || d > 4096 || n * d > 4096 ? 0 : n * d;
        }
        if (json_object_get(t, "data_offsets"))
            json_object_set_new(t, "data_offsets",
                                json_pack("[II]", (json_int_t)at, (json_int_t)(at + n)));
        at += n;
    }
    return at;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    static uint8_t text[1 << 16];
    size_t n = header_size(data, size), rest = size - 8 - n;
    if (!n || n > sizeof text || fuzz_next(&seed) % 8 == 0)
        return LLVMFuzzerMutate(data, size, max);
    uint8_t *tail = memcpy(malloc(rest + 1), data + 8 + n, rest);
    memcpy(text, data + 8, n);
    size_t made = fuzz_next(&seed) % 4 ? fuzz_json(text, n, sizeof text, fuzz_next(&seed)) : n;
    int64_t end = -1;
    json_t *header = fuzz_next(&seed) % 2 ? json_loadb((char *)text, made, 0, NULL) : NULL;
    if (header) {
        end = lay_out(header);
        char *s = json_dumps(header, JSON_COMPACT);
        made = s && strlen(s) < sizeof text ? strlen(s) : made;
        memcpy(text, s ? s : "", s ? made : 0);
        free(s);
        json_decref(header);
    }
    size_t total = 8 + made + (end >= 0 ? (size_t)end : rest);
    if (total <= max) {
        for (int i = 0; i < 8; i++)
            data[i] = (uint8_t)(made >> 8 * i);
        memcpy(data + 8, text, made);
        memset(data + 8 + made, 0, total - 8 - made);
        memcpy(data + 8 + made, tail, rest < total - 8 - made ? rest : total - 8 - made);
        size = total;
    }
    free(tail);
    return size;
}
