// Clients of graders: bounds hold, cancelling is quick, equal jobs meet, a grader's signal is
// heard, launchers have cores of their own.
// RUN: np=1,2,4
#include "test.h"
#include "sandbox.h"
#include <sched.h>
#include <signal.h>

static int submit(grading_t *g, int64_t ticket, const char *source, int number)
{
    char in[32];
    const char *input = in, *want = "7\n";
    size_t n_in = (size_t)snprintf(in, sizeof in, "%d\n", number), n_want = 2;
    job_t j = {.ticket = ticket,
               .source = source,
               .n_source = strlen(source),
               .n_test = 1,
               .input = &input,
               .n_input = &n_in,
               .expect = &want,
               .n_expect = &n_want,
               .limits = {.cpu_ms = 1000, .wall_ms = 30000}};
    return grading_submit(g, &j);
}

static done_t *wait_done(grading_t *g)
{
    done_t *d = NULL;
    for (double start = clock_now(); !d && clock_now() < start + 60; usleep(500))
        d = grading_poll(g);
    if (!d)
        fail(CODE_FAULT, "no answer within a minute");
    return d;
}

/* More than can be held is not taken, and what is held is bounded; then all is dropped. */
static void check_bounds(grading_t *g)
{
    int taken = 0;
    size_t before = mem_live();
    while (taken < 100000 && submit(g, taken, "import time\ntime.sleep(20)\nprint(7)", taken))
        taken++;
    check(taken == 16384 && grading_pending(g) == taken, "%d taken", taken);
    check(mem_live() - before < 64 << 20, "%zu bytes", mem_live() - before);
    usleep(200000);
    while (grading_poll(g)) {
    }
    double start = clock_now();
    grading_cancel(g);
    check(grading_pending(g) == 0 && !grading_poll(g));
    check(submit(g, 5, "print(7)", 0));
    done_t *d = wait_done(g);
    check(d->ticket == 5 && d->outcome[0].verdict == V_ACCEPTED, "%s", d->message);
    check(clock_now() - start < 15, "%.1f s: what was cancelled ran on", clock_now() - start);
    done_free(d);
}

/* Every client asks for the same: graders run it once, at most once each. */
static void check_equal(grading_t *g, int graders)
{
    for (int i = 0; i < 10; i++)
        check(submit(g, i, "print(3 + 4)", 1));
    for (int i = 0; i < 10; i++) {
        done_t *d = wait_done(g);
        check(d->outcome[0].verdict == V_ACCEPTED && d->outcome[0].stdout_bytes == 2);
        done_free(d);
    }
    double runs = (double)grading_stats(g).runs;
    comm_sum_f64(grading_clients(g), &runs, 1);
    int clients = group_size(grading_clients(g));
    check(runs <= (graders ? graders : clients), "%g runs", runs);
}

/* The graders were told to stop before they served. */
static void check_signal(grading_t *g, int graders)
{
    for (double start = clock_now(); graders && !stop_asked() && clock_now() < start + 30;
         usleep(1000))
        grading_listen(g);
    check(!graders || stop_asked(), "a grader's signal was not heard");
}

/* The cores that this rank's launchers may use. */
static cpu_set_t cores_of_launchers(int graders)
{
    cpu_set_t own, mine, both;
    char path[100], text[4096], more[4096];
    int n = 0;
    sched_getaffinity(0, sizeof own, &own);
    CPU_ZERO(&mine);
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", getpid(), getpid());
    text_t list = {0};
    check(text_read_file(&list, path) == 0);
    snprintf(text, sizeof text, "%s", list.s ? list.s : "");
    for (char *at = text, *end; strtol(at, &end, 10) > 0; at = end) {
        snprintf(path, sizeof path, "/proc/%ld/task/%ld/children", strtol(at, NULL, 10),
                 strtol(at, NULL, 10));
        text_clear(&list);
        text_read_file(&list, path);
        snprintf(more, sizeof more, "%s", list.s ? list.s : "");
        for (char *in = more, *out; strtol(in, &out, 10) > 0; in = out) {
            cpu_set_t s;
            if (sched_getaffinity((pid_t)strtol(in, NULL, 10), sizeof s, &s) < 0)
                continue;
            n++;
            CPU_AND(&both, &s, &own);
            check(CPU_EQUAL(&both, &s), "a launcher may leave its rank's cores");
            check(graders > CPU_COUNT(&own) || CPU_COUNT(&s) == 1, "a launcher is not pinned");
            CPU_OR(&mine, &mine, &s);
        }
    }
    check(n > 0 || graders > 1, "no launcher was found"); /* a cancelled one is gone */
    text_reset(&list);
    return mine;
}

static void run(keeper_t *k, int graders)
{
    cpu_set_t mine, all[8], both, own;
    CPU_ZERO(&mine);
    grading_t *g = grading_open(comm_world(), graders, k);
    if (strncmp(grading_mode(g), "namespaces", 10))
        test_skip(grading_mode(g));
    if (grading_is_grader(g)) {
        raise(SIGTERM);
        grading_serve(g);
        mine = cores_of_launchers(graders);
    } else {
        check_equal(g, graders);
        check_bounds(g);
        check_signal(g, graders);
    }
    grading_close(g);
    stop_install();
    sched_getaffinity(0, sizeof own, &own);
    comm_allgather(comm_world(), all, &mine, sizeof mine);
    for (int a = 0, size = group_size(comm_world()); a < size; a++)
        for (int b = 0; b < a; b++) {
            CPU_AND(&both, &all[a], &all[b]);
            check(graders > CPU_COUNT(&own) || !CPU_COUNT(&both), "graders share a core");
        }
}

int main(int argc, char **argv)
{
    keeper_t *k = keeper_start(1);
    test_begin(&argc, &argv);
    stop_install();
    int size = group_size(comm_world());
    run(k, 0);
    if (size > 1)
        run(k, 1);
    if (size > 3)
        run(k, 2);
    keeper_stop(k);
    return test_end();
}
