/* Content keys of programs, verdicts, tensors, decks: XXH3-128 of the xxHash library.

   Not cryptographic: it tells things apart that chance made alike (2^-64 at four billion keys), not
   what somebody forged.  hash_more chains: the hash of (hash so far, hash of the next bytes), so
   where one piece ends and the next begins is part of the key.  Cost: memory speed. */
#include "base.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <xxhash.h>

hash_t hash_bytes(const void *p, size_t n)
{
    XXH128_hash_t h = XXH3_128bits(p, n);
    return (hash_t){h.low64, h.high64};
}

hash_t hash_more(hash_t h, const void *p, size_t n)
{
    hash_t pair[2] = {h, hash_bytes(p, n)};
    return hash_bytes(pair, sizeof pair);
}

int hash_file(hash_t *h, const char *path)
{
    enum { BLOCK = 1 << 20 };
    int fd = open(path, O_RDONLY | O_CLOEXEC), e = fd < 0 ? errno : 0;
    if (e)
        return e;
    XXH3_state_t *s = XXH3_createState();
    char *block = mem_new(BLOCK);
    XXH3_128bits_reset(s);
    for (ssize_t n; !e && (n = read(fd, block, BLOCK)) != 0;) {
        if (n > 0)
            XXH3_128bits_update(s, block, (size_t)n);
        else if (errno != EINTR)
            e = errno;
    }
    XXH128_hash_t x = XXH3_128bits_digest(s);
    *h = (hash_t){x.low64, x.high64};
    XXH3_freeState(s);
    mem_free(block);
    close(fd);
    return e;
}

int hash_equal(hash_t a, hash_t b)
{
    return a.lo == b.lo && a.hi == b.hi;
}

void hash_hex(hash_t h, char out[33])
{
    snprintf(out, 33, "%016llx%016llx", (unsigned long long)h.hi, (unsigned long long)h.lo);
}
