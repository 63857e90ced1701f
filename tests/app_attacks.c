// aletheia exec gives the programs of tests/attacks the verdicts they name, as root and as an
// ordinary user; nothing is reached.
// RUN: np=1 alone
// TIMEOUT: 600
/* The same corpus as sandbox_attacks, but through the product: one process per program, its line of
   JSON parsed, all that it says searched for the answer and for bytes that a terminal would obey.
   Programs that take long by nature (limits of time, bombs for compilers) are left to that one.
   Two run at a time; as a user with a copy of the program that he may read.  Root gets every second
   one and the user the others, unless $ALL is set. */
#include "attacks/canary.h"
#include <jansson.h>

typedef struct {
    const char *program, *folder;
    int user;
    const attack_t *a;
    const char *large;
} attempt_t;

static int takes_part(const attack_t *a, int i, int user, int is_root)
{
    const char *only = getenv("ONLY");
    if (only)
        return strstr(a->name, only) != NULL;
    if (is_root && !getenv("ALL") && i % 2 != user)
        return 0;
    return !strstr(a->expect, "time_limit") && strcmp(attack_classes[a->class], "compile") != 0;
}

static void put(const char *folder, const char *name, const char *text, size_t n, char *path,
                size_t cap)
{
    snprintf(path, cap, "%s/%s", folder, name);
    check(text_write_file(path, text, n) == 0, "%s", path);
    chmod(path, 0644);
}

/* Runs it; what it says on either stream. */
static int execute(const attempt_t *r, text_t *said, text_t *told)
{
    static const char *const suffix[] = {"py", "c", "cpp"};
    char source[400], input[400], want[400], errors[400], name[64];
    int ends[2], status, kind = r->a->lang == LANG_PYTHON ? 0 : r->a->lang == LANG_C ? 1 : 2;
    const char *in = r->a->large ? r->large : "3 4\n",
               *out = r->a->large_output ? r->large + 2 * LARGE : r->a->output;
    snprintf(name, sizeof name, "%d.%s", getpid(), suffix[kind]);
    put(r->folder, name, r->a->source.s, r->a->source.len, source, sizeof source);
    snprintf(name, sizeof name, "%d.in", getpid());
    put(r->folder, name, in, strlen(in), input, sizeof input);
    snprintf(name, sizeof name, "%d.out", getpid());
    put(r->folder, name, out ? out : "", out ? strlen(out) : 0, want, sizeof want);
    snprintf(name, sizeof name, "%d.err", getpid());
    put(r->folder, name, "", 0, errors, sizeof errors);
    check(pipe(ends) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        int fd = open(input, O_RDONLY), err = open(errors, O_WRONLY);
        dup2(fd, 0), dup2(ends[1], 1), dup2(err, 2);
        close(ends[0]), close(ends[1]), close(fd), close(err);
        if (r->user &&
            (setgroups(0, NULL) < 0 || setresgid(ATTACK_USER, ATTACK_USER, ATTACK_USER) < 0 ||
             setresuid(ATTACK_USER, ATTACK_USER, ATTACK_USER) < 0))
            _exit(99);
        const char *argv[20] = {r->program, "exec", lang_names[r->a->lang], source};
        int n = 4;
        if (out) {
            argv[n++] = "--expect";
            argv[n++] = want;
            argv[n++] = "--checker";
            argv[n++] = r->a->check == CHECK_FLOAT ? "floats" : "tokens";
        }
        if (r->a->twice) {
            argv[n++] = "--repeat";
            argv[n++] = "2";
        }
        argv[n++] = "sandbox.cpu_ms=1500";
        argv[n++] = "sandbox.wall_ms=6000";
        argv[n++] = "sandbox.memory_kb=65536";
        argv[n++] = "sandbox.output_kb=1024";
        argv[n++] = "sandbox.processes=48";
        execv(r->program, (char *const *)argv);
        _exit(98);
    }
    close(ends[1]);
    char part[65536];
    for (ssize_t n; (n = read(ends[0], part, sizeof part)) > 0;)
        text_addn(said, part, (size_t)n);
    close(ends[0]);
    waitpid(pid, &status, 0);
    check(text_read_file(told, errors) == 0);
    unlink(errors);
    unlink(source);
    unlink(input);
    unlink(want);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void check_said(const attempt_t *r, const text_t *said, const char *answer)
{
    const char *who = r->user ? "a user" : "root";
    for (size_t i = 0; i < said->len; i++) {
        unsigned char c = (unsigned char)said->s[i];
        if ((c < 32 && c != '\n' && c != '\t') || c == 127) {
            check(0, "%s as %s: a byte %d reaches the terminal", r->a->name, who, c);
            break;
        }
    }
    check(!memmem(said->s, said->len, answer + 20, strlen(answer + 20)),
          "%s as %s found the answer", r->a->name, who);
}

static void one(const attempt_t *r, const char *answer)
{
    text_t said = {0}, told = {0};
    int code = execute(r, &said, &told), lines = 0;
    const char *who = r->user ? "a user" : "root";
    check(code == 0, "%s as %s: exit %d: %.500s %.500s", r->a->name, who, code,
          said.s ? said.s : "", told.s ? told.s : "");
    check_said(r, &said, answer);
    check_said(r, &told, answer);
    for (char *line = said.s, *next; line && *line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = 0;
        json_t *j = line[0] == '{' ? json_loads(line, JSON_ALLOW_NUL, NULL) : NULL;
        const char *verdict = json_string_value(json_object_get(j, "verdict")),
                   *subcode = json_string_value(json_object_get(j, "subcode"));
        if (verdict && subcode) {
            lines++;
            check(attack_matches(r->a, verdict, subcode), "%s as %s: %s/%s instead of %s\n%s",
                  r->a->name, who, verdict, subcode, r->a->expect, line);
        }
        json_decref(j);
    }
    check(lines == 1 + r->a->twice, "%s as %s: %d lines of JSON", r->a->name, who, lines);
    text_reset(&said);
    text_reset(&told);
}

static int has_language(const char *program, lang_t lang, int user, const char *folder)
{
    attack_t probe = {.lang = lang,
                      .name = (char *)"probe",
                      .expect = (char *)"accepted",
                      .output = NULL};
    const char *text = lang == LANG_PYTHON ? "print(7)\n" : "int main() { return 0; }\n";
    text_add(&probe.source, text);
    attempt_t r = {program, folder, user, &probe, ""};
    text_t said = {0}, told = {0};
    int good = execute(&r, &said, &told) == 0;
    text_reset(&said);
    text_reset(&told);
    text_reset(&probe.source);
    return good;
}

int main(void)
{
    canary_t canary;
    const char *program = getenv("ALETHEIA");
    char folder[] = "/tmp/app-attacks-XXXXXX", copy[300], list[400];
    if (!program || access(program, X_OK) < 0) {
        printf("skipped: $ALETHEIA is not built\n");
        return 77;
    }
    canary_start(&canary);
    check(mkdtemp(folder) && chmod(folder, 01777) == 0);
    text_t binary = {0};
    check(text_read_file(&binary, program) == 0);
    put(folder, "aletheia", binary.s, binary.len, copy, sizeof copy);
    chmod(copy, 0755);
    text_reset(&binary);
    attack_t *a = ALLOC(attack_t, ATTACKS_MOST);
    int n = attacks_read(a, canary.replace, 8), skipped = 0;
    char *large = mem_new(4 * LARGE + 1);
    for (int i = 0; i < 4 * LARGE; i++)
        large[i] = i % 2 ? ' ' : 'x';
    large[4 * LARGE] = 0;
    for (int user = 0; user <= canary.is_root; user++) {
        int have[LANGS] = {0}, ran = 0;
        const lang_t lang[] = {LANG_PYTHON, LANG_C, LANG_CPP};
        for (int i = 0; i < 3; i++)
            have[lang[i]] = has_language(copy, lang[i], user, folder);
        skipped |= !have[LANG_PYTHON] && !have[LANG_C];
        fflush(NULL);
        for (int half = 0; half < 2; half++)
            if (fork() == 0) {
                for (int i = 0; i < n; i++)
                    if (have[a[i].lang] && takes_part(&a[i], i, user, canary.is_root) &&
                        ran++ % 2 == half) {
                        attempt_t r = {copy, folder, user, &a[i], large};
                        one(&r, canary.answer);
                    }
                _exit(test_failures != 0);
            }
        for (int status, half = 0; half < 2;) {
            pid_t pid = wait(&status);
            if (pid < 0)
                break;
            int target = pid == canary.target[0] || pid == canary.target[1];
            check(!target, "a process was reached");
            check(target || status == 0);
            half += !target;
        }
    }
    attacks_free(a, n);
    mem_free(large);
    unlink(copy);
    snprintf(list, sizeof list, "%s", folder);
    check(rmdir(folder) == 0, "something is left in %s", list);
    canary_end(&canary);
    if (skipped)
        printf("skipped: no sandbox with a language here\n");
    return test_failures ? 1 : skipped ? 77 : 0;
}
