// `show` says in words what is in each kind of file, and refuses what is none of ours.
// RUN: np=1
#include "io_child.h"
#include "io.h"

static void make_problems(const char *dir)
{
    char path[700];
    bank_t b = {0};
    problem_t p = {hash_bytes("p", 1),
                   SUITE_TRAIN,
                   mem_text("sums"),
                   mem_text("Add two numbers.\nPrint the sum."),
                   1,
                   1000,
                   65536,
                   0,
                   1,
                   mem_text(""),
                   NULL,
                   LANG_PYTHON,
                   {0, 0, 0, 0},
                   NULL,
                   LANG_PYTHON};
    test_t t = {0, mem_text("1 2\n"), mem_text("3\n"), CHECK_TOKENS, FORM_STDIN, 4, 2, 0, 0};
    PUSH(b.problem, b.n_problem, b.cap_problem, p);
    PUSH(b.test, b.n_test, b.cap_test, t);
    for (int k = 0; k < 2; k++) {
        program_t r = {hash_bytes(&k, sizeof k),
                       0,
                       LANG_PYTHON,
                       k ? POOL_WEAK : POOL_REFERENCE,
                       mem_text(k ? "print(4)\n" : "print(3)\n"),
                       mem_text(k ? "constant changed" : ""),
                       mem_text(""),
                       mem_text(""),
                       NAN,
                       LABEL_EXECUTED,
                       9};
        verdict_t v = {k, 0,   k ? V_WRONG_ANSWER : V_ACCEPTED, IN_CGROUP_V1, 10, 10, r.id, 0,
                       0, NULL};
        PUSH(b.program, b.n_program, b.cap_program, r);
        PUSH(b.verdict, b.n_verdict, b.cap_verdict, v);
    }
    list_t l = {SUITE_HELDOUT, 0, 2, {1, 0}, 1, EDIT_NONE, 0};
    PUSH(b.list, b.n_list, b.cap_list, l);
    mem_free(b.program[0].core);
    b.program[0].core = mem_text("+");
    bank_rates(&b);
    snprintf(path, sizeof path, "%s/problems.h5", dir);
    bank_write(NULL, &b, path, NULL);
    bank_free(&b);
}

static void make_records(const char *dir)
{
    char path[700];
    static const char *const columns[] = {"reward_mean", "loss"}, *const phases[] = {"generate",
                                                                                     "learn"};
    snprintf(path, sizeof path, "%s/run.h5", dir);
    metrics_t *m = metrics_open(NULL, path, NULL, columns, 2, phases, 2, 0);
    for (int s = 0; s < 20; s++)
        metrics_row(m, s, (double[]){0.01 * s, NAN}, (double[]){1.5, 0.5});
    metrics_event(m, 3, "checkpoint", "step-00000003.h5");
    metrics_close(m);

    float logp[2] = {-1, -2};
    int32_t token[2] = {5, 6};
    record_t r[2] = {{.list = 4,
                      .answer = 1,
                      .right = 1,
                      .parsed = 1,
                      .reward = 1,
                      .token = token,
                      .logp = logp,
                      .n_token = 2,
                      .text = "so B"},
                     {.list = 5, .answer = -1, .reward = -1, .text = "no box"}};
    snprintf(path, sizeof path, "%s/rollout.h5", dir);
    record_write(NULL, path, NULL, r, 2);
    answer_t a = {.list = 0, .n = 2, .answer = 1, .right = 1, .parsed = 1, .length = 9};
    snprintf(path, sizeof path, "%s/heldout.h5", dir);
    number_t x = {"listacc", "all", "", 8, 0.75, 0.5, 1, 0.5};
    numbers_t t = {&x, 1, 1};
    eval_rows_t rows = {.answer = &a, .n_answer = 1, .numbers = &t};
    eval_write(NULL, path, NULL, "heldout", hash_bytes("m", 1), &rows);
}

static void make_checkpoint(const char *dir)
{
    char path[700];
    model_config_t c = {.arch = "Qwen2ForCausalLM",
                        .vocab = 30,
                        .width = 8,
                        .layers = 1,
                        .heads = 2,
                        .kv_heads = 1,
                        .head_dim = 4,
                        .ffn = 16,
                        .max_position = 64,
                        .qkv_bias = 1,
                        .tied = 1,
                        .rms_eps = 1e-6f,
                        .rope.theta = 1e4};
    params_t all = params_new(&c);
    float *x = ALLOC(float, all.count);
    snprintf(path, sizeof path, "%s/ckpt", dir);
    char command[800];
    snprintf(command, sizeof command, "mkdir '%s'", path);
    check(!system(command));
    ckpt_t *k = ckpt_create(NULL, path, 7, NULL);
    ckpt_put_block(k, "param", &all, x);
    ckpt_put_config(k, &c);
    ckpt_put_int(k, "seed", 1234);
    ckpt_commit(k, 1);
    mem_free(x);
    params_free(&all);
}

static void make_files(const char *dir)
{
    make_problems(dir);
    make_records(dir);
    make_checkpoint(dir);
}

static void shows(const char *dir, const char *file, const char *const *says)
{
    char path[700];
    text_t out = {0};
    snprintf(path, sizeof path, "%s/%s", dir, file);
    show_file(path, &out);
    for (; *says; says++)
        check(strstr(out.s, *says), "%s: \"%s\" is not in\n%s", file, *says, out.s);
    if (getenv("VERBOSE"))
        puts(out.s);
    text_reset(&out);
}

int main(int argc, char **argv)
{
    text_t out = {0};
    if (argc > 2) {
        if (argc > 3)
            show_list(argv[2], atoi(argv[3]), &out);
        else
            show_file(argv[2], &out);
        return 0;
    }
    test_begin(&argc, &argv);
    char *dir = child_folder("show"), path[700];
    make_files(dir);
    shows(dir, "problems.h5",
          (const char *[]){"1 problems, 1 tests, 2 programs (2 executed)", "sums 1",
                           "accepted 1, wrong_answer 1", "heldout 1", "reference 1, weak 1",
                           "python 2",
                           "meanings      1 of the 1 drawn problems differ in what they ask for; "
                           "train 1 of 1",
                           NULL});
    shows(dir, "run.h5",
          (const char *[]){"20 steps, 0 to 19", "reward_mean", "0.185", "generate 1.5 learn 0.5",
                           "event at step 3: checkpoint", NULL});
    shows(dir, "", (const char *[]){"20 steps, 0 to 19", NULL});
    shows(dir, "rollout.h5",
          (const char *[]){"2 completions: mean reward 0.0000, right 50.0 %", "so B", "no box",
                           NULL});
    shows(dir, "heldout.h5",
          (const char *[]){"suite heldout: 1 answers", "listacc", "0.5 to 1", NULL});
    shows(dir, "ckpt",
          (const char *[]){"kind checkpoint", "1234", "model.embed_tokens.weight", "[30, 8]", "[8]",
                           "Qwen2ForCausalLM: 1 layers, width 8", NULL});
    shows("tests/data/models", "llama-yarn",
          (const char *[]){"55056 parameters; model.safetensors has 0.22 MB\n", NULL});
    shows("tests/data/models", "qwen2-default",
          (const char *[]){"29888 parameters; 3 files of weights have 0.12 MB\n", NULL});
    snprintf(path, sizeof path, "%s/problems.h5", dir);
    show_list(path, 0, &out);
    if (getenv("VERBOSE"))
        puts(out.s);
    check(strstr(out.s, "answer B") && strstr(out.s, "    Print the sum.\n") &&
              strstr(out.s, "passes 100.0 %") && strstr(out.s, "constant changed") &&
              strstr(out.s, "candidate A   program 1, python, weak, passes 0.0 %"),
          "%s", out.s);
    text_clear(&out);
    check(child_run(0, (const char *[]){"show", path, "1", NULL}, &out) == CODE_USAGE &&
              strstr(out.s, "no list 1; it has 1"),
          "%s", out.s);
    text_clear(&out);
    check(child_run(0, (const char *[]){"show", "/etc/passwd", NULL}, &out) == CODE_DATA &&
              strstr(out.s, "not an HDF5 file"),
          "%s", out.s);
    text_reset(&out);
    child_folder_remove(dir);
    return test_end();
}
