// What a judge gives a program it gets here too: each program of tests/fair ends as it would at
// home, in every mode.
// RUN: np=1
#include "attacks/suite.h"

static int in_mode(void *ctx)
{
    const int modes = *(const int *)ctx;
    const limits_t l = limits_default();
    if (modes & MODE_DEGRADED && !forbid_namespaces())
        return 77;
    attack_t *a = ALLOC(attack_t, ATTACKS_MOST);
    char *large = mem_new(4 * LARGE + 1);
    keeper_t *k = keeper_start(1);
    int n = attacks_of(a, 0, "tests/fair", 0, NULL, 0);
    const char *only = getenv("ONLY");
    for (int i = 0; i < 4 * LARGE; i++)
        large[i] = i % 2 ? ' ' : 'x';
    keeper_configure(k, &l, modes, 1);
    int stands = strncmp(keeper_mode(k), "none", 4) != 0;
    for (int i = 0; i < n && stands; i++) {
        if ((only && !strstr(a[i].name, only)) || !keeper_toolchain(k, a[i].lang)[0] ||
            (a[i].needs && strncmp(keeper_mode(k), "namespaces", 10)))
            continue;
        attack_submit(k, &a[i], i, large);
        done_t *d = keeper_poll(k, 100000);
        const outcome_t *o = d ? &d->outcome[0] : NULL;
        check(o && attack_matches(&a[i], verdict_names[o->verdict], o->subcode),
              "\n  %s (%s): wanted %s, got %s/%s exit %d signal %d memory %lld kB, `%.*s`\n  %s",
              a[i].name, keeper_mode(k), a[i].expect, o ? verdict_names[o->verdict] : "nothing",
              o ? o->subcode : "", o ? o->exit : 0, o ? o->signal : 0,
              o ? (long long)o->memory_kb : 0, o ? o->n_got : 0, o ? o->got : "",
              d ? d->message : "");
        done_free(d);
    }
    keeper_stop(k);
    attacks_free(a, n);
    mem_free(large);
    return test_failures ? 1 : stands ? 0 : 77;
}

int main(void)
{
    int skipped = 0;
    for (int i = 0; i < 3; i++) {
        int modes = suite_modes[i], status = suite_can(modes) ? mode_forked(in_mode, &modes) : 0;
        skipped |= status == 77;
        check(status == 0 || status == 77, "mode %d", i);
    }
    return test_failures ? 1 : skipped ? 77 : 0;
}
