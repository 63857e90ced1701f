/* Unicode normal forms of text, as the `tokenizers` package makes them.

   utf8proc does the work.  Two things are added.  Characters whose normalisation
   properties the package does not know (late.c) are copied as they are, and end what
   stands on either side.  And NFC, which all published byte-level tokenizers with a form
   use, is not asked for text that is in NFC: a character is safe if it has no combining
   class, joins nothing before it and is its own NFC; a stretch is normalised from the
   safe character before an unsafe one up to the next safe one.  Unsafe are marks (all
   second characters of compositions are marks or Korean vowels and finals), those
   Korean letters, and what decomposes for good.

   Cost: NFC one byte's look per byte below U+0300, a bit per character above it, about
   0.3 us per unsafe stretch; the bits take about 10 ms when the form is added.  Other
   forms: utf8proc over the whole text unless it is ASCII.  local */
#include "normal.h"
#include "late.h"
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

static int32_t char_at(const char *s, size_t n, size_t *len)
{
    int32_t c = -1;
    utf8proc_ssize_t k = utf8proc_iterate((const utf8proc_uint8_t *)s, (utf8proc_ssize_t)n, &c);
    *len = k > 0 ? (size_t)k : 1;
    return c;
}

/* out += s in one form, late characters treated like others. */
static void map(int form, const char *s, size_t n, text_t *out)
{
    utf8proc_uint8_t *to = NULL;
    if (!n)
        return;
    utf8proc_ssize_t len = utf8proc_map((const utf8proc_uint8_t *)s, (utf8proc_ssize_t)n, &to,
                                        (utf8proc_option_t)(form | UTF8PROC_STABLE));
    if (len < 0)
        fail(CODE_DATA, "text cannot be normalised: %s", utf8proc_errmsg(len));
    text_addn(out, (const char *)to, (size_t)len);
    free(to);
}

static void whole(int form, const char *s, size_t n, text_t *out)
{
    size_t done = 0, len;
    for (size_t i = 0; i < n; i += len) {
        len = 1;
        if ((unsigned char)s[i] < 0xCC || !late_bare(char_at(s + i, n - i, &len)))
            continue;
        map(form, s + done, i - done, out);
        text_addn(out, s + i, len);
        done = i + len;
    }
    map(form, s + done, n - done, out);
}

static int is_unsafe(int32_t c)
{
    char at[4];
    int32_t parts[32];
    int boundary = 0;
    if (late_bare(c) || (c >= 0xAC00 && c <= 0xD7A3))
        return 0;
    utf8proc_category_t kind = utf8proc_category(c);
    if (kind == UTF8PROC_CATEGORY_MN || kind == UTF8PROC_CATEGORY_MC ||
        kind == UTF8PROC_CATEGORY_ME || (c >= 0x1160 && c <= 0x11FF))
        return 1;
    if (utf8proc_decompose_char(c, parts, 32, UTF8PROC_DECOMPOSE, &boundary) == 1 && parts[0] == c)
        return 0;
    text_t form = {0};
    utf8proc_ssize_t n = utf8proc_encode_char(c, (utf8proc_uint8_t *)at);
    map(UTF8PROC_COMPOSE, at, (size_t)n, &form);
    int other = form.len != (size_t)n || memcmp(form.s, at, (size_t)n);
    text_reset(&form);
    return other;
}

static int unsafe_at(const normal_t *f, const char *s, size_t n, size_t *len)
{
    if ((unsigned char)*s < 0x80)
        return *len = 1, 0;
    int32_t c = char_at(s, n, len);
    return c < 0x300 ? 0 : c < 0x10000 ? f->unsafe[c >> 3] >> (c & 7) & 1 : is_unsafe(c);
}

/* NFC, stretch by stretch; 0: s is its own, and out is not touched. */
static int compose(const normal_t *f, const char *s, size_t n, text_t *out)
{
    size_t done = 0, safe = 0, len;
    int changed = 0;
    for (size_t i = 0; i < n; i += len) {
        len = 1;
        if ((unsigned char)s[i] < 0xCC) { /* below U+0300, or a byte within a character */
            safe = ((unsigned char)s[i] & 0xC0) == 0x80 ? safe : i;
            continue;
        }
        if (!unsafe_at(f, s + i, n - i, &len)) {
            safe = i;
            continue;
        }
        size_t end = i + len, more;
        while (end < n && unsafe_at(f, s + end, n - end, &more))
            end += more;
        if (!changed)
            text_clear(out);
        changed = 1;
        text_addn(out, s + done, safe - done);
        whole(UTF8PROC_COMPOSE, s + safe, end - safe, out);
        done = safe = end;
        len = end - i;
    }
    if (changed)
        text_addn(out, s + done, n - done);
    return changed;
}

const char *normal_add(normal_t *f, const char *name)
{
    static const struct {
        const char *name;
        int option;
    } forms[] = {{"NFC", UTF8PROC_COMPOSE},
                 {"NFD", UTF8PROC_DECOMPOSE},
                 {"NFKC", UTF8PROC_COMPOSE | UTF8PROC_COMPAT},
                 {"NFKD", UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT}};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (strcmp(name, forms[i].name))
            continue;
        if (f->n == NORMAL_FORMS)
            return "too many normal forms";
        f->form[f->n++] = forms[i].option;
        if (f->n == 1 && !i)
            for (int32_t c = 0x300; c < 0x10000; c++)
                if ((c < 0xD800 || c > 0xDFFF) && is_unsafe(c))
                    f->unsafe[c >> 3] |= (uint8_t)(1 << (c & 7));
        return NULL;
    }
    return "known are NFC, NFD, NFKC, NFKD and Sequence";
}

int normal_apply(const normal_t *f, const char *s, size_t n, text_t *out)
{
    size_t low = 0;
    if (!f->n)
        return 0;
    if (f->n == 1 && f->form[0] == UTF8PROC_COMPOSE)
        return compose(f, s, n, out);
    while (low < n && (unsigned char)s[low] < 0x80)
        low++;
    if (low == n)
        return 0;
    text_t from = {0};
    text_clear(out);
    text_addn(out, s, n);
    for (int i = 0; i < f->n; i++) {
        text_t done = from;
        from = *out;
        *out = done;
        text_clear(out);
        whole(f->form[i], from.s, from.len, out);
    }
    text_reset(&from);
    return 1;
}
