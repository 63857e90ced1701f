/* bank_read on a problem file of which some bytes are others, or which is cut off: changes of four
   bytes each (where, two bytes; what to do; a value).  What is not data carries checksums, so this
   finds what the reader makes of a damaged copy, not of a file that somebody made to harm; and
   changed data passes as it is. */
#include "fuzz.h"
#include "io.h"

enum { BYTES = 4 };

static void use(void *arg)
{
    bank_t b;
    text_t why = {0};
    bank_read(NULL, &b, arg);
    fuzz_want(!bank_check(&b, &why), "read, but: %s", why.s);
    bank_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t *image;
    static size_t total;
    if (!image)
        image = sound_image(&total);
    uint8_t *now = memcpy(malloc(total), image, total);
    size_t n = total;
    for (size_t i = 0; i + BYTES <= size && i < 64 * BYTES; i += BYTES) {
        size_t at = (size_t)(data[i] | data[i + 1] << 8) % total;
        switch (data[i + 2] % 8) {
        case 0:
            n = at;
            break;
        case 1:
            now[at] = (uint8_t)(now[at] + data[i + 3]);
            break;
        case 2:
            memset(now + at, data[i + 3], total - at < 8 ? total - at : 8);
            break;
        default:
            now[at] = data[i + 3];
        }
    }
    const char *path = fuzz_file("problems.h5", now, n);
    free(now);
    fuzz_try(use, (void *)path);
    return 0;
}
