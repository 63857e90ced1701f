// Every program of tests/attacks gets the verdict it names, as root and nobody; nothing is left.
// RUN: np=1 alone
// TIMEOUT: 300
/* A program's first line says what it tries; the second what must come of it:
     EXPECT: verdict[/subcode] ...  OUTPUT: tokens | large   INPUT: large | twice   CHECK: float
   No OUTPUT: no comparison.  They run in the order of their names in one launcher, so that a later
   one would see what an earlier one left. */
#include "test.h"
#include "sandbox.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 200 };

typedef struct {
    char *name, *expect, *output;
    text_t source;
    int large, twice, large_output;
    check_t check;
} attack_t;

static char *field(const char *line, const char *key)
{
    const char *at = strstr(line, key), *stop = line + strcspn(line, "\n"), *end;
    if (!at || at > stop)
        return NULL;
    at += strlen(key) + 1;
    end = strstr(at, "  ");
    size_t n = (size_t)((end && end < stop ? end : stop) - at);
    char *copy = mem_text(at);
    copy[n] = 0;
    return copy;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const attack_t *)a)->name, ((const attack_t *)b)->name);
}

static int read_attacks(const char *dir, attack_t *a)
{
    int n = 0;
    DIR *d = opendir(dir);
    if (!d)
        fail(CODE_DATA, "%s: start the test in the repository's root", dir);
    for (struct dirent *e; d && (e = readdir(d)) && n < MOST;) {
        if (e->d_name[0] == '.')
            continue;
        attack_t x = {.name = mem_text(e->d_name)};
        text_t path = {0};
        text_addf(&path, "%s/%s", dir, e->d_name);
        check(text_read_file(&x.source, path.s) == 0, "%s", path.s);
        text_reset(&path);
        const char *line = strchr(x.source.s, '\n');
        char *in, *how;
        line += line != NULL;
        check(line && (x.expect = field(line, "EXPECT:")), "%s names no verdict", x.name);
        x.output = field(line, "OUTPUT:");
        x.large_output = x.output && !strcmp(x.output, "large");
        in = field(line, "INPUT:");
        how = field(line, "CHECK:");
        x.large = in && !strcmp(in, "large");
        x.twice = in && !strcmp(in, "twice");
        x.check = how ? CHECK_FLOAT : CHECK_TOKENS;
        mem_free(in);
        mem_free(how);
        a[n++] = x;
    }
    closedir(d);
    qsort(a, (size_t)n, sizeof *a, by_name);
    return n;
}

static void submit(keeper_t *k, const attack_t *a, int ticket, const char *large)
{
    const char *input = a->large ? large : "3 4\n",
               *output = a->large_output ? large + strlen(large) / 2 : a->output;
    const char *in[2] = {input, input}, *want[2] = {output, output};
    size_t n_in[2] = {strlen(input), strlen(input)},
           n_want[2] = {output ? strlen(output) : 0, output ? strlen(output) : 0};
    check_t c[2] = {a->check, a->check};
    job_t j = {.ticket = ticket,
               .lang = strstr(a->name, ".py") ? LANG_PYTHON : LANG_C,
               .source = a->source.s,
               .n_source = a->source.len,
               .n_test = 1 + a->twice,
               .input = in,
               .n_input = n_in,
               .expect = want,
               .n_expect = n_want,
               .check = c};
    keeper_submit(k, &j);
}

static int matches(const attack_t *a, const outcome_t *o)
{
    char *words = mem_text(a->expect);
    int good = 0;
    for (char *w = strtok(words, " "); w; w = strtok(NULL, " ")) {
        char *sub = strchr(w, '/');
        if (sub)
            *sub++ = 0;
        good |= !strcmp(w, verdict_names[o->verdict]) &&
                (!sub || !strncmp(sub, o->subcode, strlen(sub)));
    }
    mem_free(words);
    return good;
}

/* Processes that lost their parent become ours: soon after the keeper's end there are none. */
static void check_no_orphans(const char *who)
{
    char list[256] = "";
    for (int i = 0; i < 300; i++) {
        while (waitpid(-1, NULL, WNOHANG) > 0) {
        }
        char path[64];
        snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
        int fd = open(path, O_RDONLY);
        ssize_t n = read(fd, list, sizeof list - 1);
        close(fd);
        list[n > 0 ? n : 0] = 0;
        if (n <= 0)
            return;
        usleep(10000);
    }
    check(!list[0], "%s: processes are left over: %s", who, list);
}

static void suite(const char *who)
{
    attack_t *a = ALLOC(attack_t, MOST);
    keeper_t *k = keeper_start(1);
    text_t large = {0};
    for (int i = 0; i < 150000 * 2; i++)
        text_add(&large, "x ");
    limits_t l = {.cpu_ms = 400,
                  .wall_ms = 1500,
                  .memory_kb = 65536,
                  .output_kb = 1024,
                  .processes = 48,
                  .compile_cpu_ms = 3000,
                  .compile_wall_ms = 8000,
                  .compile_memory_kb = 262144};
    keeper_configure(k, &l, 0, 1);
    if (strncmp(keeper_mode(k), "namespaces", 10)) {
        printf("%s: %s\n", who, keeper_mode(k));
        keeper_stop(k);
        exit(77);
    }
    int n = read_attacks("tests/attacks", a);
    for (int i = 0; i < n; i++)
        submit(k, &a[i], i, large.s);
    for (done_t *d; keeper_pending(k) && (d = keeper_poll(k, 60000)); done_free(d)) {
        const attack_t *x = &a[d->ticket];
        for (int t = 0; t < d->n_test; t++) {
            const outcome_t *o = &d->outcome[t];
            check(matches(x, o),
                  "\n  %s (%s, test %d): wanted %s, got %s/%s exit %d signal %d cpu %lld "
                  "us wall %lld us "
                  "memory %lld kB out %lld\n  %s",
                  x->name, who, t, x->expect, verdict_names[o->verdict], o->subcode,
                  o->exit, o->signal, (long long)o->cpu_us, (long long)o->wall_us,
                  (long long)o->memory_kb, (long long)o->stdout_bytes, d->message);
        }
        if (getenv("VERBOSE"))
            fprintf(stderr, "%-8s %-24s %s/%s busy %.3f\n", who, x->name,
                    verdict_names[d->outcome[0].verdict], d->outcome[0].subcode,
                    d->busy_s);
    }
    check(keeper_pending(k) == 0, "%s: no answer within a minute", who);
    keeper_stop(k);
    check_no_orphans(who);
    for (int i = 0; i < n; i++) {
        mem_free(a[i].name);
        mem_free(a[i].expect);
        mem_free(a[i].output);
        text_reset(&a[i].source);
    }
    mem_free(a);
    text_reset(&large);
    check(mem_live() == 0, "%zu bytes were not freed", mem_live());
}

/* In a process of its own, which adopts what its keeper leaves behind. */
static int suite_as(int nobody, int is_root)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    if (nobody)
        check(setgroups(0, NULL) == 0 && setresgid(65534, 65534, 65534) == 0 &&
              setresuid(65534, 65534, 65534) == 0);
    suite(nobody ? "nobody" : is_root ? "root" : "user");
    return test_failures != 0;
}

int main(void)
{
    int s = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    memcpy(name.sun_path, "\0aletheia-canary", 16);
    check(bind(s, (struct sockaddr *)&name, sizeof(sa_family_t) + 16) == 0 &&
          listen(s, 5) == 0);
    int canary =
        open("/tmp/aletheia-canary", O_CREAT | O_RDWR, 0644); /* inherited on purpose */
    fchmod(canary, 0644);
    check(canary >= 0 && write(canary, "4711-answer\n", 12) == 12);
    setenv("CANARY", "4711-answer", 1);
    int is_root = geteuid() == 0, skipped = 0, status;
    for (int as_nobody = 0; as_nobody <= is_root; as_nobody++)
        if (fork() == 0)
            return suite_as(is_root && as_nobody, is_root);
    while (wait(&status) > 0) {
        skipped |= WIFEXITED(status) && WEXITSTATUS(status) == 77;
        check(WIFEXITED(status) && (!WEXITSTATUS(status) || WEXITSTATUS(status) == 77), "%x",
              status);
    }
    unlink("/tmp/aletheia-canary");
    return test_failures ? 1 : skipped ? 77 : 0;
}
