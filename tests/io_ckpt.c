// A checkpoint is the same tensors on any number of ranks; damage, a killed writer and a full disk
// are found out and harm nothing older.
// RUN: np=1,2,4
#include "io_child.h"
#include "io.h"
#include <sys/stat.h>

static model_config_t config_of(int layers)
{
    return (model_config_t){.arch = "Qwen2ForCausalLM",
                            .vocab = 301,
                            .width = 48,
                            .layers = layers,
                            .heads = 4,
                            .kv_heads = 2,
                            .head_dim = 12,
                            .ffn = 96,
                            .max_position = 128,
                            .qkv_bias = 1,
                            .tied = 1,
                            .rms_eps = 1e-6f,
                            .rope.theta = 1e4};
}

/* Parameters of a seed; the gaps between tensors are zero, as in a model. */
static float *block_of(const params_t *p, uint64_t seed)
{
    float *x = ALLOC(float, p->count);
    for (int i = 0; i < p->n; i++)
        test_fill(x + p->tensor[i].offset, p->tensor[i].rows * p->tensor[i].cols,
                  seed + (uint64_t)i);
    return x;
}

static void save(group_t *g, const char *dir, int64_t step, int layers, int keep, int kill)
{
    model_config_t config = config_of(layers);
    params_t p = params_new(&config);
    float *x = block_of(&p, (uint64_t)step), *m = block_of(&p, (uint64_t)step + 1000);
    ckpt_t *c = ckpt_create(g, dir, step, "[run]\nseed = 3\n");
    ckpt_put_block(c, "param", &p, x);
    ckpt_put_block(c, "optim/m", &p, m);
    ckpt_put_config(c, &config);
    ckpt_put_int(c, "samples_seen", 1LL << 40);
    ckpt_put_real(c, "loss", 0.1);
    if (kill)
        raise(SIGKILL);
    ckpt_commit(c, keep);
    mem_free(x);
    mem_free(m);
    params_free(&p);
}

static void load(group_t *g, const char *dir, int64_t step)
{
    char path[700];
    snprintf(path, sizeof path, "%s/step-%08lld.h5", dir, (long long)step);
    ckpt_t *c = ckpt_open(g, path);
    model_config_t config = {0}, want = config_of(2);
    ckpt_config(c, &config);
    check(config.layers == want.layers && config.vocab == want.vocab && config.ffn == want.ffn &&
          config.tied == 1 && config.qkv_bias == 1 && config.rms_eps == want.rms_eps &&
          !strcmp(config.arch, want.arch));
    params_t p = params_new(&config);
    float *x = ALLOC(float, p.count), *was = block_of(&p, (uint64_t)step);
    ckpt_get_block(c, "param", &p, x);
    check(!memcmp(x, was, (size_t)p.count * sizeof *x), "parameters of step %lld", (long long)step);
    mem_free(was);
    was = block_of(&p, (uint64_t)step + 1000);
    ckpt_get_block(c, "optim/m", &p, x);
    check(!memcmp(x, was, (size_t)p.count * sizeof *x), "moments");
    char *deck = ckpt_deck(c);
    check(ckpt_int(c, "step") == step && ckpt_int(c, "samples_seen") == 1LL << 40 &&
          ckpt_real(c, "loss") == 0.1);
    check(ckpt_has(c, "optim/m") && !ckpt_has(c, "reference") &&
          !strcmp(deck, "[run]\nseed = 3\n"));
    ckpt_close(c);
    mem_free(deck);
    mem_free(x);
    mem_free(was);
    params_free(&p);
}

/* The stored hash is the model's own. */
static void hash_is_the_models(group_t *g, const char *dir)
{
    model_config_t config = config_of(1);
    model_t *m = model_new(&config, backend_open("cpu"));
    const params_t *p = model_params(m);
    model_init_random(m, 5);
    float *x = ALLOC(float, p->count);
    model_to_block(m, (buf_t){x});
    ckpt_t *c = ckpt_create(g, dir, 50, NULL);
    ckpt_put_block(c, "param", p, x);
    ckpt_commit(c, 9);
    char path[700], hex[33];
    snprintf(path, sizeof path, "%s/step-00000050.h5", dir);
    h5_t *f = h5_open(g, path, "checkpoint", 1);
    char *stored = h5_get_text(f, "state", "param_hash");
    hash_hex(model_hash(m), hex);
    check(stored && !strcmp(stored, hex), "%s against %s", stored ? stored : "none", hex);
    h5_close(f);
    mem_free(stored);
    mem_free(x);
    model_free(m);
}

/* Child "full": a checkpoint that fits, then one that does not. */
static int full(int argc, char **argv)
{
    comm_init(&argc, &argv);
    save(comm_world(), argv[2], 1, 2, 2, 0);
    save(comm_world(), argv[2], 2, 40, 2, 0);
    fprintf(stderr, "it was written to a full disk\n");
    return 1;
}

/* Child "mount": becomes the child "inside" in a mount namespace of its own with a disk of 1 MiB at
   argv[2]. */
static int mount_small(char **argv)
{
    char self[1024] = "", command[2400];
    if (readlink("/proc/self/exe", self, sizeof self - 1) < 0)
        return 77;
    snprintf(command, sizeof command,
             "mount -t tmpfs -o size=1m none '%s' || exit 77; exec '%s' inside '%s' %s", argv[2],
             self, argv[2], argv[3]);
    execlp("unshare", "unshare", geteuid() ? "-rm" : "-m", "/bin/sh", "-c", command, (char *)NULL);
    return 77;
}

/* Child "inside": the child "full" on the small disk, on argv[3] ranks, and what is left there
   afterwards. */
static int inside(char **argv)
{
    text_t err = {0};
    int code = child_run(atoi(argv[3]), (const char *[]){"full", argv[2], NULL}, &err);
    fputs(err.s, stderr);
    text_reset(&err);
    char left[700];
    struct stat s;
    snprintf(left, sizeof left, "%s/step-00000002.h5.tmp", argv[2]);
    if (!stat(left, &s))
        fprintf(stderr, "the temporary file was left\n");
    load(NULL, argv[2], 1);
    return test_failures || ckpt_newest(argv[2]) != 1 ? 1 : code;
}

static int child(int argc, char **argv)
{
    if (!strcmp(argv[1], "full"))
        return full(argc, argv);
    if (!strcmp(argv[1], "mount"))
        return mount_small(argv);
    if (!strcmp(argv[1], "inside"))
        return inside(argv);
    if (!strcmp(argv[1], "kill"))
        save(NULL, argv[2], 9, 2, 1, 1);
    load(NULL, argv[2], atoi(argv[3]));
    return test_failures;
}

static void full_disk(const char *dir, int ranks)
{
    char sub[700], n[16];
    text_t err = {0};
    snprintf(sub, sizeof sub, "%s/small", dir);
    snprintf(n, sizeof n, "%d", ranks);
    mkdir(sub, 0777);
    int code = child_run(0, (const char *[]){"mount", sub, n, NULL}, &err);
    if (code == 77 || strstr(err.s, "unshare:"))
        fprintf(stderr, "no mount namespace here: the full disk was not tried\n");
    else
        check(code == CODE_FIT && strstr(err.s, "step-00000002.h5: could not be written") &&
                  !strstr(err.s, "was left") && strstr(err.s, "Free some space"),
              "%d ranks, code %d: %s", ranks, code, err.s);
    text_reset(&err);
}

/* One bit inside the third tensor of the newest file. */
static void damage(const char *dir)
{
    char path[700];
    model_config_t config = config_of(2);
    params_t p = params_new(&config);
    float *x = block_of(&p, 4);
    text_t bytes = {0}, was = {0}, err = {0};
    snprintf(path, sizeof path, "%s/step-00000004.h5", dir);
    text_read_file(&bytes, path);
    text_addn(&was, bytes.s, bytes.len);
    char *at = memmem(bytes.s, bytes.len, x + p.tensor[2].offset + 48, 48 * sizeof *x);
    check(at != NULL, "the tensor was not found in the file");
    if (at)
        at[9] ^= 4;
    text_write_file(path, bytes.s, bytes.len);
    int code = child_run(0, (const char *[]){"load", dir, "4", NULL}, &err);
    check(code == CODE_DATA && strstr(err.s, p.tensor[2].name) && strstr(err.s, "checksum"),
          "%d %s", code, err.s);
    text_write_file(path, bytes.s, bytes.len / 2);
    check(ckpt_newest(dir) == 3, "a truncated file is not the newest");
    text_write_file(path, was.s, was.len);
    check(ckpt_newest(dir) == 4);
    text_clear(&err);
    code = child_run(0, (const char *[]){"kill", dir, "0", NULL}, &err);
    check(code == 128 + SIGKILL && ckpt_newest(dir) == 4, "killed while writing: %d, newest %lld",
          code, (long long)ckpt_newest(dir));
    text_reset(&err);
    text_reset(&bytes);
    text_reset(&was);
    mem_free(x);
    params_free(&p);
}

int main(int argc, char **argv)
{
    if (argc > 2)
        return child(argc, argv);
    test_begin(&argc, &argv);
    group_t *g = comm_world();
    char *dir = child_folder("ckpt"), left[700];
    struct stat s;
    check(ckpt_newest(dir) == -1 && ckpt_newest("/nowhere/at/all") == -1);
    for (int64_t step = 1; step <= 4; step++)
        save(g, dir, step, 2, 2, 0);
    check(ckpt_newest(dir) == 4);
    snprintf(left, sizeof left, "%s/step-00000002.h5", dir);
    check(stat(left, &s), "step 2 should be gone");
    load(g, dir, 3);
    load(g, dir, 4);
    for (int m = 1; m < group_size(g); m++) {
        group_t *part = group_split(g, group_rank(g) < m ? 0 : -1, 0);
        if (part)
            load(part, dir, 4);
        group_free(part);
    }
    comm_barrier(g);
    if (group_rank(g) == 0) {
        damage(dir);
        full_disk(dir, group_size(g) == 4 ? 2 : group_size(g));
    }
    comm_barrier(g);
    save(g, dir, 10, 2, 1, 0);
    snprintf(left, sizeof left, "%s/step-00000009.h5.tmp", dir);
    check(stat(left, &s), "what the killed writer left");
    load(g, dir, 10);
    hash_is_the_models(g, dir);
    child_folder_remove(dir);
    return test_end();
}
