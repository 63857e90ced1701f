// Memory is counted, texts grow, files are written whole or not at all, hashes are XXH3-128's, the
// stop file is seen.
// RUN: np=1
#include "test.h"
#include <signal.h>
#include <unistd.h>

static void too_much(void *p)
{
    (void)p;
    mem_new((size_t)1 << 60);
}

int main(int argc, char **argv)
{
    test_fails(CODE_FIT, too_much, NULL, "out of memory");
    test_begin(&argc, &argv);
    size_t before = mem_live();
    int *a = NULL, n = 0, cap = 0;
    for (int i = 0; i < 1000; i++)
        PUSH(a, n, cap, i);
    check(n == 1000 && a[0] == 0 && a[999] == 999 && (uintptr_t)a % 64 == 0);
    check(mem_live() - before >= 4000);
    mem_free(a);
    mem_free(NULL);
    check(mem_live() == before);

    text_t t = {0}, u = {0};
    for (int i = 0; i < 500; i++)
        text_addf(&t, "%d,", i);
    text_addn(&t, "a\0b", 3);
    check(t.len == 1890 + 3 && t.s[t.len] == 0 && !memcmp(t.s + t.len - 3, "a\0b", 3));
    char dir[] = "/tmp/aletheia-test-XXXXXX", path[64], aside[80];
    check(mkdtemp(dir) != NULL);
    snprintf(path, sizeof path, "%s/file", dir);
    snprintf(aside, sizeof aside, "%s.tmp", path);
    check(text_write_file(path, t.s, t.len) == 0 && text_read_file(&u, path) == 0);
    check(u.len == t.len && !memcmp(u.s, t.s, t.len) && access(aside, F_OK) != 0);
    check(text_write_file("/nonexistent/x", "a", 1) != 0 &&
          text_read_file(&u, "/nonexistent/x") != 0);
    text_reset(&t);
    text_reset(&u);

    /* xxh128sum of the empty input and of "abc" (xxHash 0.8) */
    char hex[33];
    hash_hex(hash_bytes("", 0), hex);
    check(!strcmp(hex, "99aa06d3014798d86001c324468d497f"), "%s", hex);
    hash_hex(hash_bytes("abc", 3), hex);
    check(!strcmp(hex, "06b05ab6733a618578af5f94892f3950"), "%s", hex);
    hash_t h = hash_bytes("a", 1);
    check(!hash_equal(hash_more(h, "b", 1), hash_more(h, "c", 1)) &&
          hash_equal(h, hash_bytes("a", 1)));

    stop_install();
    stop_watch_file(aside);
    check(!stop_asked());
    check(text_write_file(aside, "", 0) == 0);
    double until = clock_now() + 3;
    while (!stop_asked() && clock_now() < until)
        usleep(10000);
    check(stop_asked());
    stop_watch_file(NULL);
    stop_install();
    check(!stop_asked());
    raise(SIGUSR1);
    check(stop_asked());
    stop_install();
    unlink(aside);
    unlink(path);
    rmdir(dir);
    check(mem_peak_rss() > 1000000 && mem_available() > 1000000);
    return test_end();
}
