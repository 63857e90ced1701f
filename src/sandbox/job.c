/* One program on all its tests, in one visit, and the verdict of each.

   Precedence: FAULT, COMPILE_ERROR, OUTPUT_LIMIT, MEMORY_LIMIT, TIME_LIMIT,
   RUNTIME_ERROR, WRONG_ANSWER, ACCEPTED: a right output never beats a limit, a signal
   or a non-zero status.  A Python program that ends with an uncaught MemoryError is
   MEMORY_LIMIT (sub-code allocation).

   A run is repeated once where the first may have been the machine's doing: CPU time
   between 1 and 1.3 times the limit, real time up with much of the CPU time unused but
   some used, or an end by a signal that batch systems send to everything (TERM, USR1,
   ...).  The second run counts.

   After each run the scratch is cleaned; a launcher that could not clean it ends after
   this job, and the rest of the job is a fault, which the keeper runs again elsewhere. */
#include "box.h"
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int ended_with_memory_error(const text_t *err)
{
    size_t n = err->len;
    while (n && (err->s[n - 1] == '\n' || err->s[n - 1] == ' '))
        n--;
    size_t from = n;
    while (from && err->s[from - 1] != '\n')
        from--;
    return n - from >= 11 && !memcmp(err->s + from, "MemoryError", 11);
}

static outcome_t judge_run(const guest_t *r, const job_t *j, int i)
{
    outcome_t o = {.subcode = "",
                   .exit = -1,
                   .cpu_us = r->cpu_us,
                   .wall_us = r->wall_us,
                   .memory_kb = r->peak_kb,
                   .stdout_bytes = r->n_out,
                   .stderr_bytes = r->n_err,
                   .first_difference = -1};
    int ours =
        r->over_cpu || r->over_wall || r->over_out || r->over_err || r->over_memory;
    if (WIFEXITED(r->status))
        o.exit = WEXITSTATUS(r->status);
    else
        o.signal = WTERMSIG(r->status);
    if (r->fault) {
        o.verdict = V_FAULT;
        o.subcode = r->fault;
    } else if (r->over_out || r->over_err) {
        o.verdict = V_OUTPUT_LIMIT;
        o.subcode = r->over_out ? "stdout" : "stderr";
    } else if (r->over_memory) {
        o.verdict = V_MEMORY_LIMIT;
        o.subcode = "resident";
    } else if (o.exit == 1 && j->lang == LANG_PYTHON &&
               ended_with_memory_error(&r->err)) {
        o.verdict = V_MEMORY_LIMIT;
        o.subcode = "allocation";
    } else if (r->over_cpu || r->over_wall || o.signal == SIGXCPU) {
        o.verdict = V_TIME_LIMIT;
        o.subcode = r->over_cpu || o.signal == SIGXCPU ? "cpu" : "wall";
    } else if (o.signal && !ours) {
        o.verdict = V_RUNTIME_ERROR;
        o.subcode = o.signal == SIGSYS    ? "security"
                    : o.signal == SIGXFSZ ? "file size"
                                          : "signal";
    } else if (o.exit != 0) {
        o.verdict = V_RUNTIME_ERROR;
        o.subcode = "exit status";
    } else if (j->expect[i] &&
               !judge(j->check[i], &j->limits, r->out.s ? r->out.s : "", r->out.len,
                      j->expect[i], j->n_expect[i], &o)) {
        o.verdict = V_WRONG_ANSWER;
    } else {
        o.verdict = V_ACCEPTED;
    }
    return o;
}

static int deserves_another(const outcome_t *o, const limits_t *l)
{
    if (o->verdict == V_TIME_LIMIT)
        return o->cpu_us < l->cpu_ms * 1000LL + run_grace_us(l) &&
               (o->subcode[0] == 'c' || o->cpu_us > l->cpu_ms * 300LL);
    return o->verdict == V_RUNTIME_ERROR &&
           (o->signal == SIGTERM || o->signal == SIGUSR1 || o->signal == SIGUSR2 ||
            o->signal == SIGINT || o->signal == SIGHUP);
}

static void run_test(box_t *b, const job_t *j, done_t *d, int i, int exe)
{
    const char *const compiled[] = {"./main", NULL};
    const char *const cold[] = {b->python, "-S", "-s", "-B", "main.py", NULL};
    for (int attempt = 0; attempt < 2; attempt++) {
        guest_t r = {
            .in = j->input[i], .n_in = j->n_input[i], .limits = j->limits, .exe = exe};
        r.argv = exe >= 0 ? compiled : b->degraded ? cold : NULL;
        run_go(b, &r);
        d->runs++;
        d->outcome[i] = judge_run(&r, j, i);
        if (r.fault)
            b->tainted = 1;
        int again = !attempt && deserves_another(&d->outcome[i], &j->limits);
        if (!again && !j->expect[i] && d->outcome[i].verdict == V_ACCEPTED) {
            d->output[i] = mem_new(r.out.len + 1);
            memcpy(d->output[i], r.out.s ? r.out.s : "", r.out.len);
            d->n_output[i] = r.out.len;
        }
        if (!again && !d->message[0] && d->outcome[i].verdict != V_ACCEPTED &&
            (r.err.len || r.fault)) {
            mem_free(d->message);
            size_t from = r.err.len > 4000 ? r.err.len - 4000 : 0;
            d->message = mem_text(r.fault ? b->why : r.err.s + from);
        }
        run_reset(&r);
        if (!(b->degraded && exe < 0))
            box_clean(b);
        if (!again)
            break;
    }
}

/* Without a zygote Python programs lie in the scratch as a file, written anew for every
   run. */
static void put_main_py(box_t *b, const job_t *j)
{
    box_clean(b);
    char path[300];
    snprintf(path, sizeof path, "%s/main.py", b->scratch_path);
    text_write_file(path, j->source, j->n_source);
}

done_t *job_run(box_t *b, const job_t *j)
{
    double start = clock_now();
    done_t *d = wire_fault(j->ticket, j->n_test, "launcher", "");
    text_t message = {0};
    int verdict = V_ACCEPTED, exe = -1, ran = 0,
        cold = b->degraded && j->lang == LANG_PYTHON;
    const char *subcode = NULL;
    if (j->lang == LANG_C)
        exe = compile_program(b, j, &message, &subcode, &verdict, &ran);
    else if (!cold)
        subcode = python_load(b, j, &message, &verdict);
    d->compiled = ran;
    int stopped = 0;
    for (int i = 0; i < j->n_test; i++) {
        if (subcode) {
            d->outcome[i] = (outcome_t){.verdict = (verdict_kind_t)verdict,
                                        .subcode = subcode_text(subcode),
                                        .exit = j->lang == LANG_PYTHON ? 1 : -1,
                                        .first_difference = -1};
        } else if (stopped) {
            d->outcome[i] = (outcome_t){
                .verdict = V_SKIPPED, .subcode = "", .exit = -1, .first_difference = -1};
        } else if (!b->tainted) {
            if (cold)
                put_main_py(b, j);
            run_test(b, j, d, i, exe);
            stopped = j->stop_at_first && d->outcome[i].verdict != V_ACCEPTED;
        }
    }
    if (subcode) {
        mem_free(d->message);
        d->message = mem_text(message.s ? message.s : "");
    }
    if (exe >= 0)
        close(exe);
    python_unload(b);
    box_clean(b);
    text_reset(&message);
    d->busy_s = clock_now() - start;
    return d;
}
