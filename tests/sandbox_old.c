// The sandbox stands on a kernel of 2018: every call newer than 4.18 is answered with ENOSYS.
// RUN: np=1
#include "test.h"
#include "sandbox.h"
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

/* clone3, close_range, pidfd_open, pidfd_send_signal, openat2, landlock, mount_setattr and all
   others: they are numbered from 424 on, on every machine. */
static int make_old(void)
{
    scmp_filter_ctx f = seccomp_init(SCMP_ACT_ALLOW);
    int rc = f ? 0 : -1;
    for (int nr = 424; !rc && nr < 600; nr++)
        rc = seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), nr, 0);
    rc = rc ? rc : seccomp_load(f);
    seccomp_release(f);
    return rc == 0 && syscall(434, getpid(), 0) < 0 && errno == ENOSYS;
}

static void check_one(keeper_t *k, lang_t lang, const char *source, const char *want,
                      verdict_kind_t verdict)
{
    const char *in = "3 4\n";
    size_t n_in = 4, n_want = strlen(want);
    check_t c = CHECK_TOKENS;
    job_t j = {.lang = lang,
               .source = source,
               .n_source = strlen(source),
               .n_test = 1,
               .input = &in,
               .n_input = &n_in,
               .expect = &want,
               .n_expect = &n_want,
               .check = &c};
    keeper_submit(k, &j);
    done_t *d = keeper_poll(k, 60000);
    if (!d)
        fail(CODE_FAULT, "no answer within a minute");
    check(d->outcome->verdict == verdict, "%s/%s instead of %s: %s",
          verdict_names[d->outcome->verdict], d->outcome->subcode, verdict_names[verdict],
          d->message);
    done_free(d);
}

int main(void)
{
    keeper_t *k = keeper_start(1);
    int there = !strncmp(keeper_mode(k), "namespaces", 10);
    keeper_stop(k);
    if (!there) {
        printf("no user namespaces\n");
        return 77;
    }
    if (!make_old()) {
        printf("no seccomp filter can be loaded here\n");
        return 77;
    }
    k = keeper_start(1);
    limits_t l = {.cpu_ms = 500, .memory_kb = 65536};
    keeper_configure(k, &l, 0, 1);
    check(!strncmp(keeper_mode(k), "namespaces", 10), "%s", keeper_mode(k));
    check_one(k, LANG_PYTHON, "print(sum(map(int, input().split())))", "7", V_ACCEPTED);
    check_one(
        k, LANG_PYTHON,
        "import subprocess\nprint(subprocess.run(['echo', '7'], capture_output=True).stdout.decode())",
        "7", V_ACCEPTED);
    check_one(k, LANG_PYTHON, "open('f', 'w').write('7')\nprint(open('f').read())", "7",
              V_ACCEPTED);
    check_one(k, LANG_PYTHON, "while True: pass", "7", V_TIME_LIMIT);
    check_one(k, LANG_PYTHON, "import os\nopen('/usr/x', 'w')", "7", V_RUNTIME_ERROR);
    if (keeper_toolchain(k, LANG_C)[0])
        check_one(k, LANG_C, "#include <stdio.h>\nint main(void) { puts(\"7\"); return 0; }", "7",
                  V_ACCEPTED);
    keeper_stop(k);
    check(mem_live() == 0, "%zu bytes were not freed", mem_live());
    return test_failures != 0;
}
