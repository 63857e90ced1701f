/* How fast the grader is, beside its limit.

   The limit is vfork + exec + wait of a program that only exits: nothing that isolates
   a run can be faster.  It is measured here, by one worker, before and after (the
   larger counts), with an executable of a few instructions made in memory.  Then "read
   two numbers, print their sum" is run in the sandbox, by one launcher and by all: a
   compiled C program, a Python program, and C programs that all have to be compiled
   first.  ratio is runs per second over limit times launchers. */
#include "sandbox.h"
#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__x86_64__)
static const unsigned char leave[] = {0xb8, 60, 0, 0, 0, 0x31, 0xff, 0x0f, 0x05};
enum { MACHINE = EM_X86_64 };
#else /* arm64: mov x8, 93; mov x0, 0; svc 0 */
static const unsigned char leave[] = {0xa8, 0x0b, 0x80, 0xd2, 0, 0,
                                      0x80, 0xd2, 1,    0,    0, 0xd4};
enum { MACHINE = EM_AARCH64 };
#endif

static int smallest_program(void)
{
    struct {
        Elf64_Ehdr e;
        Elf64_Phdr p;
        unsigned char code[16];
    } f = {
        .e = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
              .e_type = ET_EXEC,
              .e_machine = MACHINE,
              .e_version = EV_CURRENT,
              .e_entry = 0x400000 + sizeof f.e + sizeof f.p,
              .e_phoff = sizeof f.e,
              .e_ehsize = sizeof f.e,
              .e_phentsize = sizeof f.p,
              .e_phnum = 1},
        .p = {.p_type = PT_LOAD,
              .p_flags = PF_R | PF_X,
              .p_vaddr = 0x400000,
              .p_paddr = 0x400000,
              .p_filesz = sizeof f,
              .p_memsz = sizeof f,
              .p_align = 0x1000},
    };
    memcpy(f.code, leave, sizeof leave);
    int fd = memfd_create("leave", 0), ro = -1;
    char path[64];
    if (fd >= 0 && write(fd, &f, sizeof f) == (ssize_t)sizeof f) {
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        ro = open(path, O_RDONLY | O_CLOEXEC);
    }
    if (fd >= 0)
        close(fd);
    return ro;
}

static __attribute__((noinline)) int run_once(int fd)
{
    static char *const none[] = {NULL};
    int status = -1;
    pid_t p = vfork();
    if (p == 0) {
        syscall(SYS_execveat, fd, "", none, none, AT_EMPTY_PATH);
        _exit(127);
    }
    return waitpid(p, &status, 0) == p && status == 0;
}

static double floor_rate(void)
{
    int fd = smallest_program(), n = 0, good = fd >= 0;
    double start = clock_now(), end = start;
    for (; good && end < start + 0.5; n++, end = clock_now())
        good = run_once(fd);
    if (fd >= 0)
        close(fd);
    return good && n ? n / (end - start) : 0;
}

static void submit(keeper_t *k, lang_t lang, int program, int tests)
{
    enum { MOST = 512 };
    static const char *const in1 = "3 4\n", *const want1 = "7\n";
    const char *in[MOST], *want[MOST];
    size_t n_in[MOST], n_want[MOST];
    for (int i = 0; i < tests; i++) {
        in[i] = in1;
        want[i] = want1;
        n_in[i] = 4;
        n_want[i] = 2;
    }
    text_t t = {0};
    if (lang == LANG_C)
        text_addf(&t,
                  "#include <stdio.h>\nint main(void)\n{\n    int a, b;\n    if "
                  "(scanf(\"%%d %%d\", &a, &b) == 2)\n"
                  "        printf(\"%%d\\n\", a + b);\n    return 0;\n}\n/* %d %g */\n",
                  program, clock_now());
    else
        text_addf(&t, "a, b = map(int, input().split())\nprint(a + b)\n# %d\n", program);
    job_t j = {.ticket = program,
               .lang = lang,
               .source = t.s,
               .n_source = t.len,
               .n_test = tests,
               .input = in,
               .n_input = n_in,
               .expect = want,
               .n_expect = n_want};
    keeper_submit(k, &j);
    text_reset(&t);
}

/* Runs per second of `programs` programs on `tests` tests each; 0: something was not
   accepted. */
static double rate(keeper_t *k, lang_t lang, int programs, int tests)
{
    int bad = 0;
    double start = clock_now();
    for (int i = 0; i < programs; i++)
        submit(k, lang, i, tests);
    for (done_t *d; keeper_pending(k) && (d = keeper_poll(k, 60000)); done_free(d))
        for (int i = 0; i < d->n_test; i++)
            bad += d->outcome[i].verdict != V_ACCEPTED;
    return bad ? 0 : programs * tests / (clock_now() - start);
}

void grading_bench(keeper_t *k, text_t *out)
{
    limits_t l = *keeper_limits(k);
    int all = keeper_launchers(k);
    double limit = floor_rate();
    struct {
        const char *what;
        lang_t lang;
        int programs, tests, launchers;
        double best;
    } row[] = {
        {"c", LANG_C, 1, 256, 1, 0},
        {"c", LANG_C, 1, 256, all, 0},
        {"python", LANG_PYTHON, 1, 256, 1, 0},
        {"python", LANG_PYTHON, 1, 256, all, 0},
        {"python-programs", LANG_PYTHON, 32, 4, all, 0},
        {"c-compiled", LANG_C, 16, 1, all, 0},
    };
    int n = (int)(sizeof row / sizeof *row);
    for (int i = 0; i < n; i++) {
        keeper_configure(k, &l, 0, row[i].launchers);
        int many = row[i].programs * row[i].launchers;
        rate(k, row[i].lang, row[i].launchers, 4); /* launchers up and warm */
        for (int repeat = 0; repeat < 3; repeat++) {
            double r = rate(k, row[i].lang, many, row[i].tests);
            row[i].best = r > row[i].best ? r : row[i].best;
        }
    }
    double after = floor_rate();
    limit = after > limit ? after : limit;
    text_addf(
        out,
        "RESULT bench=grader what=vfork+exec+wait launchers=1 runs_per_s=%.0f ratio=1\n",
        limit);
    for (int i = 0; i < n; i++)
        text_addf(out,
                  "RESULT bench=grader what=%s launchers=%d runs_per_s=%.0f ratio=%.3f\n",
                  row[i].what, row[i].launchers, row[i].best,
                  limit > 0 ? row[i].best / (limit * row[i].launchers) : 0);
}
