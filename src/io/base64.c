/* Bytes written as base64 (RFC 4648), for what JSON cannot hold.

   White space between characters is left out, as in lines of 76; the other alphabet (- and _)
   is taken as well.  Padding may be missing at the end, and nothing stands behind it.  What is
   left over of the last character must be zero: two texts never give the same bytes unless they
   say the same. */
#include "bank_json.h"
#include <string.h>

static int digit(char c)
{
    return c >= 'A' && c <= 'Z'   ? c - 'A'
           : c >= 'a' && c <= 'z' ? c - 'a' + 26
           : c >= '0' && c <= '9' ? c - '0' + 52
           : c == '+' || c == '-' ? 62
           : c == '/' || c == '_' ? 63
                                  : -1;
}

int base64_read(const char *s, size_t n, text_t *out)
{
    uint32_t bits = 0;
    int have = 0, digits = 0, padding = 0;
    text_addn(out, "", 0);
    for (size_t i = 0; i < n; i++) {
        if (s[i] && strchr(" \t\r\n", s[i]))
            continue;
        int d = digit(s[i]);
        padding += s[i] == '=';
        if (s[i] != '=' && (d < 0 || padding))
            return 1;
        if (s[i] == '=')
            continue;
        bits = bits << 6 | (uint32_t)d;
        have += 6;
        digits++;
        if (have >= 8) {
            have -= 8;
            char byte = (char)(bits >> have & 255);
            text_addn(out, &byte, 1);
        }
    }
    int left = digits % 4;
    return left == 1 || (bits & ((1u << have) - 1)) != 0 || (padding && padding != (4 - left) % 4);
}
