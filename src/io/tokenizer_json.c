/* Loading tokenizer.json, the format of the Hugging Face `tokenizers` package, for
   byte-level BPE.

   Read: model (type BPE, vocab, merges as "a b" or ["a", "b"], ignore_merges),
   added_tokens, normalizer (NFC and its kin, Sequence), pre_tokenizer (Sequence, Split,
   Digits, ByteLevel), decoder (ByteLevel); post_processor in postprocess.c.  Not applied:
   truncation and padding, which are said.  Anything else that could change an id is refused by
   name, so a file either gives the
   same ids as its makers' software or does not load.

   The package numbers added tokens itself: one whose text the vocabulary has keeps that
   id, the others follow the vocabulary in the file's order.  A file whose own numbers
   say otherwise means two different things, and is refused, as are added tokens that
   cannot be told apart in the text.

   Tokens are kept as the bytes they stand for: the byte-level alphabet (each byte a
   printable character) exists in the file only, and nothing is translated while
   encoding.  A token with a character outside the alphabet cannot arise from merges; it
   decodes to its own text.

   A byte may have no token (21 of SmolLM2's have none).  Then, as in the package, its letter
   becomes the tokens <0xXX> of that letter's bytes, if byte_fallback asks for them and they are
   there; else unk_token, several in a row once if fuse_unk says so; else it disappears, and its
   neighbours are neighbours.  Where every byte has a token these three are without effect.

   Cost: one parse and two hash tables, about 0.2 s of one core for 100 000 tokens.
   local */
#include "field.h"
#include "io/hf.h"
#include "tokenizer.h"
#include <string.h>

static void only_empty(const field_t *f, const char *key)
{
    if (*field_text_or(f, key, ""))
        field_bad(f, key, "only the empty text is supported");
}

/* What the token decodes to; 1 if every character is of the alphabet. */
static int put_spell(tokenizer_t *t, int id, const char *s)
{
    size_t at = t->bytes.len;
    int word = tokenizer_spelling(s, strlen(s), &t->bytes);
    char *from = t->bytes.s ? t->bytes.s + at : NULL;
    for (char *nul; !word && (nul = strstr(from, FIELD_NUL)); t->bytes.len -= 2) {
        *nul = 0;
        memmove(nul + 1, nul + 3, strlen(nul + 3) + 1);
        from = nul + 1;
    }
    t->spell[id] = (spell_t){at, (int32_t)(t->bytes.len - at), 0};
    return word;
}

static void read_vocab(tokenizer_t *t, const field_t *model, const field_t *root)
{
    field_t vocab = field_object(model, "vocab");
    const json_t *added = field_get(root, "added_tokens"), *item;
    const char *key;
    json_t *id;
    int64_t top = -1;
    size_t i, n = json_object_size(vocab.o);
    json_object_foreach ((json_t *)vocab.o, key, id) {
        int64_t v = field_int(&vocab, key, 0, 1 << 24);
        top = v > top ? v : top;
    }
    json_array_foreach (added, i, item) {
        field_t f = field_item(root, "added_tokens", i, item);
        int64_t v = field_int(&f, "id", 0, 1 << 24);
        top = v > top ? v : top;
        n++;
    }
    if (top > 2 * (int64_t)n + (1 << 20))
        field_bad(model, "vocab", "the largest id is %lld, but there are only %zu tokens",
                  (long long)top, n);
    t->size = (int)(top + 1);
    t->spell = ALLOC(spell_t, t->size + 1);
    for (int v = 0; v < t->size; v++)
        t->spell[v].len = -1;
    for (t->word_mask = 1023; t->word_mask < 2 * n; t->word_mask = 2 * t->word_mask + 1)
        ;
    t->word = ALLOC(int32_t, t->word_mask + 1);
    memset(t->word, -1, (t->word_mask + 1) * sizeof *t->word);
    json_object_foreach ((json_t *)vocab.o, key, id) {
        int v = (int)json_integer_value(id);
        if (t->spell[v].len >= 0)
            field_bad(&vocab, key, "id %d belongs to two tokens", v);
        if (put_spell(t, v, key) && *key)
            tokenizer_put_word(t, v);
    }
    for (int b = 0; b < 256; b++) {
        char c = (char)b;
        t->byte_id[b] = tokenizer_find_word(t, &c, 1);
        t->gaps += t->byte_id[b] < 0;
    }
    if (t->gaps == 256)
        field_bad(model, "vocab", "no token for any byte: not a byte-level vocabulary");
}

static int vocab_id(const field_t *model, const json_t *vocab, size_t line, const char *token)
{
    const json_t *id = json_object_get(vocab, token);
    if (!id)
        field_bad(model, "merges",
                  "merge %zu names the token '%s', which model.vocab does not have", line, token);
    return (int)json_integer_value(id);
}

/* "a b" or ["a", "b"]: a into left, b; NULL: neither. */
static const char *merge_halves(const json_t *m, text_t *left)
{
    const char *a = NULL, *b = NULL;
    if (json_is_array(m) && json_array_size(m) == 2) {
        a = json_string_value(json_array_get(m, 0));
        b = json_string_value(json_array_get(m, 1));
        text_add(left, a ? a : "");
    } else if (json_is_string(m)) {
        const char *s = json_string_value(m), *gap = strchr(s, ' ');
        if (gap && !strchr(gap + 1, ' ')) {
            text_addn(left, s, (size_t)(gap - s));
            b = gap + 1;
        }
    }
    return left->len && b && *b ? b : NULL;
}

static void read_merges(tokenizer_t *t, const field_t *model)
{
    const json_t *merges = field_array(model, "merges"), *vocab = field_get(model, "vocab"), *m;
    size_t line;
    text_t left = {0}, both = {0};
    for (t->merge_mask = 1023; t->merge_mask < 2 * json_array_size(merges);
         t->merge_mask = 2 * t->merge_mask + 1)
        ;
    t->merge = ALLOC(merge_t, t->merge_mask + 1);
    for (uint64_t i = 0; i <= t->merge_mask; i++)
        t->merge[i].id = -1;
    json_array_foreach (merges, line, m) {
        const char *b;
        if (json_is_string(m) && !strncmp(json_string_value(m), "#version", 8))
            continue; /* the first line of a merges.txt */
        text_clear(&left);
        if (!(b = merge_halves(m, &left)))
            field_bad(model, "merges", "merge %zu: \"a b\" or [\"a\", \"b\"] was expected", line);
        text_clear(&both);
        text_add(&both, left.s);
        text_add(&both, b);
        int x = vocab_id(model, vocab, line, left.s), y = vocab_id(model, vocab, line, b);
        merge_put(t, x, y, t->n_merge++, vocab_id(model, vocab, line, both.s));
    }
    text_reset(&left);
    text_reset(&both);
    merge_pairs(t);
}

static void read_options(tokenizer_t *t, const field_t *model)
{
    if (field_real_or(model, "dropout", 0) != 0)
        field_bad(model, "dropout", "only null is supported");
    only_empty(model, "continuing_subword_prefix");
    only_empty(model, "end_of_word_suffix");
    t->ignore_merges = field_flag_or(model, "ignore_merges", 0);
    t->fuse_unknown = field_flag_or(model, "fuse_unk", 0);
    field_flag_or(model, "byte_fallback", 0);
    field_text_or(model, "unk_token", NULL);
}

/* What stands for a byte without a token: the tokens of its letter's own bytes, else the unknown
   token, else nothing. */
static void read_gap(tokenizer_t *t, const field_t *model, int byte, int unknown)
{
    const json_t *vocab = field_get(model, "vocab");
    int c = tokenizer_letter(byte), utf8[2] = {c < 128 ? c : 0xC0 | c >> 6, 0x80 | (c & 63)};
    int n = c < 128 ? 1 : 2, found = 0;
    gap_t *g = &t->gap[byte];
    *g = (gap_t){unknown >= 0, {unknown, -1}, unknown >= 0};
    for (int k = 0; k < n && field_flag_or(model, "byte_fallback", 0); k++) {
        char name[8];
        snprintf(name, sizeof name, "<0x%02X>", utf8[k]);
        found += json_is_integer(json_object_get(vocab, name));
    }
    if (found < n)
        return;
    *g = (gap_t){.n = n};
    for (int k = 0; k < n; k++) {
        char name[8];
        snprintf(name, sizeof name, "<0x%02X>", utf8[k]);
        g->id[k] = (int)json_integer_value(json_object_get(vocab, name));
    }
}

static void read_gaps(tokenizer_t *t, const field_t *model)
{
    const json_t *vocab = field_get(model, "vocab");
    const char *name = field_text_or(model, "unk_token", NULL);
    const json_t *id = name ? json_object_get(vocab, name) : NULL;
    if (!t->gaps)
        return;
    if (name && !id)
        field_bad(model, "unk_token",
                  "'%.60s' stands for %d bytes that have no token, and model.vocab does not have "
                  "it either",
                  name, t->gaps);
    for (int b = 0; b < 256; b++)
        if (t->byte_id[b] < 0)
            read_gap(t, model, b, id ? (int)json_integer_value(id) : -1);
    char *stands = ALLOC(char, t->size);
    int merged = 0;
    for (int b = 0; b < 256; b++)
        for (int k = 0; k < t->gap[b].n; k++)
            stands[t->gap[b].id[k]] = 1;
    for (uint64_t i = 0; i <= t->merge_mask; i++)
        merged |= t->merge[i].id >= 0 &&
                  (stands[t->merge[i].key >> 32] || stands[(uint32_t)t->merge[i].key]);
    mem_free(stands);
    if (merged)
        field_bad(model, "merges",
                  "a merge takes what stands for bytes without a token (unk_token or "
                  "byte_fallback); that is not supported");
}

/* Said once, however often the file is read. */
static void say_once(const char *line)
{
    enum { KEPT = 16 };
    static hash_t said[KEPT];
    static int n;
    hash_t h = hash_bytes(line, strlen(line));
    for (int i = 0; i < KEPT; i++)
        if (hash_equal(said[i], h))
            return;
    said[n++ % KEPT] = h;
    log_warn("%s", line);
}

static void warn(const tokenizer_t *t, const field_t *root)
{
    static const char *const unused[] = {"truncation", "padding"};
    text_t line = {0};
    for (int i = 0; i < 2; i++) {
        text_clear(&line);
        text_addf(&line, "%s: %s is set there and not applied: prompts have their own limits",
                  root->file, unused[i]);
        if (field_get(root, unused[i]))
            say_once(line.s);
    }
    int instead = 0;
    for (int b = 0; b < 256; b++)
        instead += t->gap[b].n > 0;
    text_clear(&line);
    text_addf(&line, "%s: %d of 256 bytes have no token; ", root->file, t->gaps);
    if (instead)
        text_addf(&line, "unk_token or byte_fallback stands for %d of them, ", instead);
    text_add(&line, instead == t->gaps
                        ? "as in the tokenizers package"
                        : "in a text such bytes are left out, as in the tokenizers package");
    if (t->gaps)
        say_once(line.s);
    text_reset(&line);
}

static void read_normalizer(tokenizer_t *t, const field_t *f)
{
    const char *type = field_text(f, "type");
    if (!strcmp(type, "Sequence")) {
        const json_t *item;
        size_t i;
        json_array_foreach (field_array(f, "normalizers"), i, item) {
            field_t in = field_item(f, "normalizers", i, item);
            read_normalizer(t, &in);
        }
        return;
    }
    const char *bad = normal_add(&t->pre.normal, type);
    if (bad)
        field_bad(f, "type", "%s is not supported: %s", type, bad);
}

static void add_cut(tokenizer_t *t, const field_t *f, const char *key, const char *pattern,
                    int literal, cut_kind_t kind, int invert)
{
    text_t why = {0};
    if (pretoken_add(&t->pre, pattern, literal, kind, invert, &why))
        field_bad(f, key, "%s", why.s);
    text_reset(&why);
}

static void read_split(tokenizer_t *t, const field_t *f)
{
    field_t pattern = field_object(f, "pattern");
    const char *regex = field_text_or(&pattern, "Regex", NULL),
               *plain = field_text_or(&pattern, "String", NULL);
    if (!regex == !plain || json_object_size(pattern.o) != 1)
        field_bad(f, "pattern", "either Regex or String was expected");
    const char *kind = field_text(f, "behavior");
    int k = 0;
    while (k < CUTS && strcmp(kind, pretoken_cuts[k]))
        k++;
    if (k == CUTS)
        field_bad(f, "behavior", "%s is not supported", kind);
    add_cut(t, f, "pattern", regex ? regex : plain, !regex, (cut_kind_t)k,
            field_flag_or(f, "invert", 0));
}

/* Returns 1 once ByteLevel was seen: it must be the last. */
static int read_pre_tokenizer(tokenizer_t *t, const field_t *f, int done)
{
    const char *type = field_text(f, "type");
    if (done)
        field_bad(f, "type", "%s after ByteLevel is not supported", type);
    if (!strcmp(type, "Sequence")) {
        const json_t *item;
        size_t i;
        json_array_foreach (field_array(f, "pretokenizers"), i, item) {
            field_t in = field_item(f, "pretokenizers", i, item);
            done = read_pre_tokenizer(t, &in, done);
        }
        return done;
    }
    if (!strcmp(type, "Split")) {
        read_split(t, f);
    } else if (!strcmp(type, "Digits")) {
        add_cut(t, f, "type", "[\\p{N}\U00011DE0-\U00011DE9\U00016FF4-\U00016FF6]", 0, /* late.c */
                field_flag_or(f, "individual_digits", 0) ? CUT_ISOLATED : CUT_CONTIGUOUS, 0);
    } else if (!strcmp(type, "ByteLevel")) {
        if (field_flag_or(f, "add_prefix_space", 1))
            t->pre.space_before = t->pre.n_cut;
        if (field_flag_or(f, "use_regex", 1))
            add_cut(t, f, "type",
                    "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+"
                    "| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
                    0, CUT_ISOLATED, 0);
        return 1;
    } else {
        field_bad(f, "type", "%s is not supported; known are Sequence, Split, Digits and ByteLevel",
                  type);
    }
    return 0;
}

static void read_decoder(const field_t *f)
{
    const char *type = field_text(f, "type");
    if (strcmp(type, "ByteLevel"))
        field_bad(f, "type", "%s is not supported; ByteLevel was expected", type);
}

/* One element of added_tokens, all but the search; *next: the id of the next unknown text. */
static added_t read_token(const field_t *f, const json_t *vocab, json_t *names, int *next)
{
    const char *s = field_text(f, "content");
    const json_t *known = json_object_get(vocab, s);
    added_t a = {.id = (int)field_int(f, "id", 0, 1 << 24),
                 .special = field_flag_or(f, "special", 0),
                 .single = field_flag_or(f, "single_word", 0),
                 .lstrip = field_flag_or(f, "lstrip", 0),
                 .rstrip = field_flag_or(f, "rstrip", 0)};
    a.normal = field_flag_or(f, "normalized", !a.special);
    if (!*s)
        field_bad(f, "content", "a text was expected, found an empty one");
    if (json_object_get(names, s))
        field_bad(f, "content", "'%s' is there twice", s);
    json_object_set_new(names, s, json_true());
    if (known && json_integer_value(known) != a.id)
        field_bad(f, "id", "'%s' is %d here and %d in model.vocab", s, a.id,
                  (int)json_integer_value(known));
    if (!known && a.id != (*next)++)
        field_bad(f, "id",
                  "'%s' is %d here, but added tokens follow the vocabulary's %zu entries "
                  "in order, without gaps: %d was expected",
                  s, a.id, json_object_size(vocab), *next - 1);
    a.name = mem_text(s);
    return a;
}

static void read_added(tokenizer_t *t, const field_t *root)
{
    const json_t *list = field_get(root, "added_tokens"), *item;
    size_t i;
    text_t form = {0};
    field_t model = field_object(root, "model");
    const json_t *vocab = field_get(&model, "vocab");
    int next = (int)json_object_size(vocab);
    json_t *names = json_object();
    if (list)
        field_array(root, "added_tokens");
    json_array_foreach (list, i, item) {
        field_t f = field_item(root, "added_tokens", i, item);
        added_t a = read_token(&f, vocab, names, &next);
        int other = a.normal && normal_apply(&t->pre.normal, a.name, strlen(a.name), &form);
        const char *sought = other ? form.s : a.name;
        int known = t->spell[a.id].len >= 0;
        if (known && !json_object_get(vocab, a.name))
            field_bad(&f, "id", "id %d belongs to two tokens", a.id);
        if (!known || other)
            put_spell(t, a.id, sought);
        t->spell[a.id].special = a.special && (!other || !strcmp(sought, a.name));
        a.len = strlen(sought);
        if (!a.len || added_put(t, &a, sought))
            field_bad(&f, "content", "'%s' is searched for as another added token is", a.name);
    }
    json_decref(names);
    text_reset(&form);
}

/* The file, part by part: what is wrong with one does not hide the others. */
typedef struct {
    const char *path;
    field_t root;
    tokenizer_t *t;
} file_t;

static void part_file(void *ctx)
{
    file_t *in = ctx;
    in->root = field_file(in->path);
}

static void part_kind(void *ctx)
{
    file_t *in = ctx;
    field_t model = field_object(&in->root, "model");
    const char *type = field_text_or(&model, "type", "BPE");
    if (strcmp(type, "BPE"))
        field_bad(&model, "type", "%s is not supported; only byte-level BPE is", type);
    if (strcmp(field_text_or(&in->root, "version", "1.0"), "1.0"))
        field_bad(&in->root, "version", "only 1.0 is known");
}

static void part_normalizer(void *ctx)
{
    file_t *in = ctx;
    if (!field_get(&in->root, "normalizer"))
        return;
    field_t f = field_object(&in->root, "normalizer");
    read_normalizer(in->t, &f);
}

static void part_pre_tokenizer(void *ctx)
{
    file_t *in = ctx;
    field_t f = field_object(&in->root, "pre_tokenizer");
    if (!read_pre_tokenizer(in->t, &f, 0))
        field_bad(&in->root, "pre_tokenizer",
                  "no ByteLevel at its end: not a byte-level tokenizer");
}

static void part_decoder(void *ctx)
{
    file_t *in = ctx;
    field_t f = field_object(&in->root, "decoder");
    read_decoder(&f);
}

static void part_options(void *ctx)
{
    file_t *in = ctx;
    field_t model = field_object(&in->root, "model");
    read_options(in->t, &model);
}

static void part_post_processor(void *ctx)
{
    file_t *in = ctx;
    tokenizer_post(in->t, &in->root);
}

static void part_tokens(void *ctx)
{
    file_t *in = ctx;
    field_t model = field_object(&in->root, "model");
    read_vocab(in->t, &model, &in->root);
    read_merges(in->t, &model);
    read_gaps(in->t, &model);
    read_added(in->t, &in->root);
}

tokenizer_t *tokenizer_collect(const char *dir, refusals_t *r)
{
    static void (*const parts[])(void *) = {part_normalizer, part_pre_tokenizer,
                                            part_decoder,    part_options,
                                            part_tokens,     part_post_processor};
    text_t path = {0};
    text_addf(&path, "%s/tokenizer.json", dir);
    file_t in = {.path = path.s};
    int before = r->n;
    if (!text_in_dir(dir, "tokenizer.json")) {
        text_clear(&path);
        hf_missing(dir, HF_TOKENIZER, &path);
        refusals_add(r, "%s", path.s);
    } else if (!refusals_try(r, part_file, &in)) {
        in.t = ALLOC(tokenizer_t, 1);
        pretoken_init(&in.t->pre);
        in.t->seen = ALLOC(seen_t, SEEN);
        int other = refusals_try(r, part_kind, &in);
        for (size_t i = 0; i < sizeof parts / sizeof *parts && !other; i++)
            refusals_try(r, parts[i], &in);
        if (r->n == before)
            warn(in.t, &in.root);
        field_close(in.root);
    }
    text_reset(&path);
    if (r->n == before)
        return in.t;
    tokenizer_free(in.t);
    return NULL;
}

tokenizer_t *tokenizer_open(const char *dir)
{
    refusals_t r = {0};
    tokenizer_t *t = tokenizer_collect(dir, &r);
    refusals_end(&r, dir);
    return t;
}
