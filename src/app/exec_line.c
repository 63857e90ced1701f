/* The line of JSON that `aletheia exec` prints for a run.

   Programs under test choose the bytes that stand in differences and messages, so
   everything is written in ASCII: characters of valid UTF-8 as \uXXXX (two of them above
   U+FFFF), other bytes as the four characters \xNN.  No byte of theirs reaches a
   terminal, and every JSON reader takes the line. */
#include "app.h"
#include <string.h>

/* The character at s, its length in *n; -1: no UTF-8, one byte. */
static int32_t character(const unsigned char *s, size_t left, int *n)
{
    static const int32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    *n = 1;
    if (s[0] < 0x80)
        return s[0];
    int len = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : s[0] >= 0xc0 ? 2 : 0;
    if (!len || s[0] >= 0xf8 || left < (size_t)len)
        return -1;
    int32_t c = s[0] & (0xff >> (len + 1));
    for (int i = 1; i < len; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return -1;
        c = c << 6 | (s[i] & 0x3f);
    }
    if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
        return -1;
    *n = len;
    return c;
}

void exec_quote(text_t *out, const char *s, size_t n)
{
    text_add(out, "\"");
    for (size_t at = 0; at < n;) {
        int len;
        int32_t c = character((const unsigned char *)s + at, n - at, &len);
        if (c < 0)
            text_addf(out, "\\\\x%02x", (unsigned char)s[at]);
        else if (c == '"' || c == '\\')
            text_addf(out, "\\%c", (char)c);
        else if (c == '\n')
            text_add(out, "\\n");
        else if (c >= 0x20 && c < 0x7f)
            text_addn(out, s + at, 1);
        else if (c < 0x10000)
            text_addf(out, "\\u%04x", (unsigned)c);
        else
            text_addf(out, "\\u%04x\\u%04x", 0xd800 + (unsigned)((c - 0x10000) >> 10),
                      0xdc00 + (unsigned)((c - 0x10000) & 0x3ff));
        at += (size_t)len;
    }
    text_add(out, "\"");
}

static void put_difference(text_t *out, const outcome_t *o, const char *unit)
{
    if (o->verdict != V_WRONG_ANSWER || o->first_difference < 0) {
        text_add(out, "null");
        return;
    }
    text_addf(out, "{\"at\": %lld, \"unit\": \"%s\", \"got\": ", (long long)o->first_difference,
              unit);
    exec_quote(out, o->got, (size_t)o->n_got);
    text_add(out, ", \"expected\": ");
    exec_quote(out, o->want, (size_t)o->n_want);
    text_add(out, "}");
}

static void put_checker(text_t *out, const outcome_t *o)
{
    text_add(out, ", \"checker\": {\"message\": ");
    exec_quote(out, o->words, (size_t)o->n_words);
    text_add(out, ", \"score\": ");
    if (o->scored)
        text_addf(out, "%.17g}", o->score);
    else
        text_add(out, "null}");
}

void exec_line(text_t *out, const outcome_t *o, const char *unit, const char *mode, int checked,
               const char *note, const char *message)
{
    text_addf(out,
              "{\"verdict\": \"%s\", \"subcode\": \"%s\", \"exit\": %d, \"signal\": %d, "
              "\"cpu_us\": %lld, \"wall_us\": %lld, \"time_us\": %lld, "
              "\"memory_kb\": %lld, \"stdout_bytes\": %lld, \"stderr_bytes\": %lld, "
              "\"first_difference\": ",
              verdict_names[o->verdict], o->subcode, o->exit, o->signal, (long long)o->cpu_us,
              (long long)o->wall_us, (long long)o->cpu_us, (long long)o->memory_kb,
              (long long)o->stdout_bytes, (long long)o->stderr_bytes);
    put_difference(out, o, unit);
    text_add(out, ", \"mode\": ");
    exec_quote(out, mode, strlen(mode));
    text_addf(out, ", \"runs\": %d", o->runs);
    if (checked &&
        (o->verdict == V_ACCEPTED || o->verdict == V_WRONG_ANSWER || o->verdict == V_CHECKER_FAULT))
        put_checker(out, o);
    if (*note) {
        text_add(out, ", \"note\": ");
        exec_quote(out, note, strlen(note));
    }
    if (o->verdict == V_COMPILE_ERROR || o->verdict == V_FAULT || o->verdict == V_CHECKER_FAULT) {
        text_add(out, ", \"message\": ");
        exec_quote(out, message, strlen(message));
    }
    text_add(out, "}\n");
}
