// What was executed is known by its content alone, survives a torn journal and a change of the
// number of ranks, and is never a fault; a lock is one job's.
// RUN: np=1,2,4
#include "test.h"
#include "sandbox.h"
#include <fcntl.h>

static hash_t key_of(int i)
{
    return hash_bytes(&i, sizeof i);
}

static hash_t of(const test_t *t, const char *output, size_t n, const char *checker,
                 const char *toolchain, uint64_t testlib)
{
    return verdict_test(t, output, n,
                        &(verdict_by_t){.checker = checker,
                                        .toolchain = toolchain,
                                        .testlib = {testlib, 0}});
}

/* Each thing that a verdict depends on changes its name; nothing else does. */
static void check_keys(void)
{
    limits_t l = limits_default(), more = l, nocase = l;
    accepted_t also = {0, "4\n", 2};
    test_t t = {.input = "1\n", .output = "2\n", .n_input = 2, .n_output = 2}, call = t, lines = t,
           special = t, kattis = t, lib = t, two = t;
    call.form = FORM_CALL, lines.check = CHECK_LINES, special.check = CHECK_SPECIAL,
    kattis.check = CHECK_KATTIS;
    lib.check = CHECK_TESTLIB, two.accepts = 1;
    more.memory_kb++, nocase.compare.nocase = 1;
    hash_t p = verdict_program("a", 1, "python 3", NULL), q = of(&t, t.output, 2, "", "", 0);
    const hash_t name[] =
        {verdict_key(p, q, &l, "namespaces"),
         verdict_key(verdict_program("b", 1, "python 3", NULL), q, &l, "namespaces"),
         verdict_key(verdict_program("a", 1, "python 4", NULL), q, &l, "namespaces"),
         verdict_key(p, of(&t, "3\n", 2, "", "", 0), &l, "namespaces"),
         verdict_key(p, of(&t, "", 0, "", "", 0), &l, "namespaces"),
         verdict_key(p, of(&t, NULL, 0, "", "", 0), &l, "namespaces"),
         verdict_key(p, of(&call, t.output, 2, "", "", 0), &l, "namespaces"),
         verdict_key(p, of(&lines, t.output, 2, "", "", 0), &l, "namespaces"),
         verdict_key(p, of(&special, t.output, 2, "x", "gcc", 0), &l, "namespaces"),
         verdict_key(p, of(&special, t.output, 2, "y", "gcc", 0), &l, "namespaces"),
         verdict_key(p, of(&special, t.output, 2, "x", "cc", 0), &l, "namespaces"),
         verdict_key(p, of(&kattis, t.output, 2, "x", "gcc", 0), &l, "namespaces"),
         verdict_key(p, of(&lib, t.output, 2, "x", "gcc", 1), &l, "namespaces"),
         verdict_key(p, of(&lib, t.output, 2, "x", "gcc", 2), &l, "namespaces"),
         verdict_key(p, verdict_test(&two, t.output, 2, &(verdict_by_t){.accept = &also}), &l,
                     "namespaces"),
         verdict_key(p, of(&t, "2\n\0", 3, "", "", 0), &l, "namespaces"),
         verdict_key(verdict_program("a\0", 2, "python 3", NULL), q, &l, "namespaces"),
         verdict_key(verdict_program("a", 1, "python 3", "main"), q, &l, "namespaces"),
         verdict_key(p, q, &nocase, "namespaces"),
         verdict_key(p, q, &more, "namespaces"),
         verdict_key(p, q, &l, "degraded: no namespaces")};
    enum { NAMES = sizeof name / sizeof *name };
    for (int i = 0; i < NAMES; i++)
        for (int j = 0; j < i; j++)
            check(!hash_equal(name[i], name[j]), "%d and %d", i, j);
    t.problem = 7;
    check(hash_equal(name[0],
                     verdict_key(verdict_program("a", 1, "python 3", NULL),
                                 of(&t, t.output, 2, "z", "y", 0), &l, "namespaces, cgroup v2")));
}

static void check_mode(void)
{
    check(verdict_mode("namespaces+seccomp+rlimits") == IN_RLIMITS);
    check(verdict_mode("namespaces+seccomp+rlimits+cgroup-v1(pids cpu)") == IN_RLIMITS);
    check(verdict_mode("namespaces+seccomp+rlimits+cgroup-v1(memory pids cpu)") == IN_CGROUP_V1);
    check(verdict_mode("namespaces+seccomp+rlimits+cgroup-v2(memory pids)") == IN_CGROUP_V2);
    check(verdict_mode("degraded: seccomp+landlock+rlimits, no namespaces") == IN_DEGRADED);
    check(verdict_mode("degraded: seccomp+rlimits, no namespaces+cgroup-v2(memory)") ==
          IN_DEGRADED_V2);
    check(verdict_mode("none: nothing") == IN_UNKNOWN);
}

static void check_store(void)
{
    known_t *k = known_new();
    said_t said;
    size_t n_out;
    known_put(k, key_of(1), &(said_t){V_FAULT, IN_RLIMITS, 1, 1, 0, 0, NULL}, NULL, 0);
    known_put(k, key_of(1), &(said_t){V_SKIPPED, IN_RLIMITS, 1, 1, 0, 0, NULL}, NULL, 0);
    known_put(k, key_of(1), &(said_t){V_NONE, IN_RLIMITS, 1, 1, 0, 0, NULL}, NULL, 0);
    check(known_count(k) == 0 && known_get(k, key_of(1), NULL) == V_NONE);
    for (int i = 0; i < 5000; i++)
        known_put(k, key_of(i),
                  &(said_t){i % 2 ? V_ACCEPTED : V_WRONG_ANSWER, (sandbox_mode_t)(i % IN_MODES), i,
                            2 * i, 0, 0, NULL},
                  i % 3 ? NULL : "out", i % 3 ? 0 : 3);
    /* the first answer stays */
    known_put(k, key_of(7), &(said_t){V_WRONG_ANSWER, IN_UNKNOWN, 0, 0, 0, 0, NULL}, NULL, 0);
    check(known_count(k) == 5000);
    check(known_get(k, key_of(11), &said) == V_ACCEPTED && said.time_us == 11 &&
          said.memory_kb == 22 && said.mode == 11 % IN_MODES);
    check(!strcmp(known_output(k, key_of(9), &n_out), "out") && n_out == 3 &&
          !known_output(k, key_of(8), &n_out));
    check(known_get(k, key_of(5000), NULL) == V_NONE);
    known_trim(k, 4999);
    check(known_count(k) == 0 && known_get(k, key_of(7), NULL) == V_NONE);
    known_free(k);
}

/* Every rank learns 100; a second opening, also on fewer ranks, knows all; a torn end costs what
   stood behind it. */
static void check_journal(group_t *g, const char *dir)
{
    int rank = group_rank(g), size = group_size(g);
    char base[300], part[320];
    text_t out = {0};
    snprintf(base, sizeof base, "%s/j", dir);
    snprintf(part, sizeof part, "%s-0", base);
    known_t *k = known_open(g, base);
    check(known_count(k) == 0);
    for (int i = 0; i < 100; i++)
        known_learn(k, &out, key_of(1000 * rank + i),
                    &(said_t){i % 10 ? V_ACCEPTED : V_FAULT, IN_CGROUP_V2, i, i, i == 5,
                              i == 5 ? 0.25 : 0, i == 6 ? "six" : NULL},
                    i == 5 ? "fi\0e" : NULL, i == 5 ? 4 : 0);
    known_sync(k);
    known_free(k);
    comm_barrier(g);
    if (rank == 0) { /* the last record of rank 0 is cut off */
        text_t t = {0};
        check(!text_read_file(&t, part) && t.len > 90 * 50);
        check(!truncate(part, (off_t)t.len - 3));
        text_reset(&t);
    }
    comm_barrier(g);
    group_t *half = group_split(g, rank < (size + 1) / 2 ? 0 : -1, 0);
    if (half) {
        k = known_open(half, base);
        check(known_count(k) == 90 * size - 1, "%d known", (int)known_count(k));
        check(known_get(k, key_of(99), NULL) == V_NONE &&
              known_get(k, key_of(98), NULL) == V_ACCEPTED);
        said_t said = {0};
        check(known_get(k, key_of(98), &said) == V_ACCEPTED && said.mode == IN_CGROUP_V2 &&
              said.time_us == 98);
        size_t n_five;
        check(known_get(k, key_of(1000 * (size - 1) + 6), &said) == V_ACCEPTED && !said.scored &&
              !strcmp(said.message, "six"));
        check(known_get(k, key_of(1000 * (size - 1) + 5), &said) == V_ACCEPTED && said.scored &&
              said.score == 0.25 && !said.message);
        const char *five = known_output(k, key_of(1000 * (size - 1) + 5), &n_five);
        check(five && n_five == 4 && !memcmp(five, "fi\0e", 4));
        check(access(part, F_OK), "the parts are one file now");
        known_learn(k, &out, key_of(99), &(said_t){V_ACCEPTED, IN_RLIMITS, 1, 1, 0, 0, NULL}, NULL,
                    0);
        known_free(k);
    }
    comm_barrier(g);
    k = known_open(g, base);
    check(known_count(k) == 90 * size);
    char path[320];
    snprintf(path, sizeof path, "%s/v.h5", dir);
    known_keep(k);
    check(known_save(k, g, path, NULL) == 90 * size);
    known_free(k);
    k = known_open(g, base);
    check(known_count(k) == 0, "journals go once a verdict file has all");
    known_free(k);
    if (rank == 0) {
        verdict_t *v;
        char **output;
        size_t *n_output;
        int n = verdicts_read(path, &v, &output, &n_output), outputs = 0;
        check(n == 90 * size);
        for (int i = 0; i < n; i++) {
            outputs += output[i] != NULL;
            check(v[i].verdict == V_ACCEPTED && (!i || !hash_equal(v[i].key, v[i - 1].key)));
            check(!output[i] || n_output[i] == 4);
            mem_free(output[i]);
            mem_free(v[i].message);
        }
        check(outputs == size);
        mem_free(v);
        mem_free(output);
        mem_free(n_output);
    }
    group_free(half);
    text_reset(&out);
}

static void take(void *what)
{
    lock_take(what);
}

/* Before MPI: children are forked. */
static void check_lock(const char *dir)
{
    char file[300], path[320];
    text_t t = {0};
    snprintf(file, sizeof file, "%s/f", dir);
    snprintf(path, sizeof path, "%s.lock", file);
    lock_t *l = lock_take(file);
    test_fails(CODE_DATA, take, file, "held by another job: process");
    check(!access(path, F_OK), "a refused job took the lock away");
    lock_release(l);
    check(access(path, F_OK));
    pid_t child = fork(); /* one that dies with the lock in its hands */
    if (child == 0) {
        lock_take(file);
        _exit(0);
    }
    waitpid(child, NULL, 0);
    check(!access(path, F_OK));
    int quiet = open("/dev/null", O_WRONLY), err = dup(2);
    dup2(quiet, 2);
    l = lock_take(file); /* its holder has ended: taken over */
    dup2(err, 2);
    close(quiet);
    close(err);
    check(!text_read_file(&t, path) && strstr(t.s, "end="));
    check(!text_write_file(path, "host=other\nend=\n", 16));
    lock_release(l);
    check(!access(path, F_OK), "another's lock was released");
    test_fails(CODE_DATA, take, file, "if that job has ended, remove");
    unlink(path);
    text_reset(&t);
}

int main(int argc, char **argv)
{
    char dir[] = "/tmp/aletheia-known.XXXXXX", command[100]; /* of the first rank's, all use it */
    check(mkdtemp(dir) != NULL);
    snprintf(command, sizeof command, "rm -rf %s", dir);
    check_lock(dir);
    test_begin(&argc, &argv);
    comm_bcast(comm_world(), dir, sizeof dir, 0);
    check_keys();
    check_mode();
    check_store();
    check_journal(comm_world(), dir);
    comm_barrier(comm_world());
    check(!system(command));
    return test_end();
}
