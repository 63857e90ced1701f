/* tokenizer_open on any tokenizer.json, then encoding and decoding.

   An input is the file, a NUL, and a text for it.  A vocabulary with all 256 bytes would make every
   seed large and the bytes that matter rare in it; so the entry "@@" of model.vocab, if there is
   one, stands for them: ids 0 to 255 for the letters of the byte-level alphabet that are not
   there.  Every id must be below
   tokenizer_size, and encoding the same text twice (the second time from memory) must give the same
   ids. */
#include "fuzz.h"
#include "io.h"
#include <jansson.h>

typedef struct {
    const char *text;
    size_t len;
} input_t;

static void use(void *arg)
{
    input_t *in = arg;
    tokenizer_t *t = tokenizer_open(fuzz_folder());
    for (int special = 0; special < 2; special++) {
        int32_t *ids = NULL;
        int n = 0, cap = 0;
        text_t out = {0};
        tokenizer_encode(t, in->text, in->len, special, &ids, &n, &cap);
        int once = n;
        for (int i = 0; i < n; i++)
            fuzz_want(ids[i] >= 0 && ids[i] < tokenizer_size(t), "token %d has the id %d of %d", i,
                      ids[i], tokenizer_size(t));
        tokenizer_encode(t, in->text, in->len, special, &ids, &n, &cap);
        fuzz_want(n == 2 * once && (!n || !memcmp(ids, ids + once, (size_t)once * sizeof *ids)),
                  "not the same ids again");
        tokenizer_decode(t, ids, n, special, &out);
        text_reset(&out);
        mem_free(ids);
    }
    tokenizer_special(t, "<|im_end|>");
    tokenizer_free(t);
}

/* The byte-level alphabet as UTF-8, here by its definition: visible Latin-1 characters, then from
   U+0100 on. */
static void add_bytes(json_t *vocab)
{
    for (int b = 0, next = 256; b < 256; b++) {
        int visible = (b >= '!' && b <= '~') || (b >= 0xA1 && b != 0xAD), c = visible ? b : next++;
        char s[3] = {(char)c};
        if (c >= 0x80) {
            s[0] = (char)(0xC0 | c >> 6);
            s[1] = (char)(0x80 | (c & 63));
        }
        if (!json_object_get(vocab, s))
            json_object_set_new(vocab, s, json_integer(b));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t n = strnlen((const char *)data, size);
    input_t in = {(const char *)data + n + (n < size), size - n - (n < size)};
    json_t *root = json_loadb((const char *)data, n, 0, NULL),
           *vocab = json_object_get(json_object_get(root, "model"), "vocab");
    if (json_object_get(vocab, "@@")) {
        json_object_del(vocab, "@@");
        add_bytes(vocab);
        char *s = json_dumps(root, JSON_COMPACT);
        fuzz_file("tokenizer.json", s, strlen(s));
        free(s);
    } else {
        fuzz_file("tokenizer.json", data, n);
    }
    json_decref(root);
    fuzz_try(use, &in);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    size_t n = strnlen((char *)data, size), rest = size - n, made;
    uint8_t *other = malloc(max + 1);
    if (rest && fuzz_next(&seed) % 3 == 0) { /* the text */
        memcpy(other, data + n + 1, rest - 1);
        made = LLVMFuzzerMutate(other, rest - 1, max - n - 1);
        memcpy(data + n + 1, other, made);
        size = n + 1 + made;
    } else {
        memcpy(other, data + n, rest);
        made = fuzz_json(data, n, max - rest, seed);
        memcpy(data + made, other, rest);
        size = made + rest;
    }
    free(other);
    return size;
}
