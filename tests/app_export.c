// `init` makes a model directory, a second time the same one bit for bit; `export` turns a
// checkpoint of it into a directory with the checkpoint's weights.
// RUN: np=1,2 backend=cpu,strict
#include "app.h"
#include "test.h"
#include <sys/stat.h>
#include <unistd.h>

static char dir[64];
static text_t deck, first, second, out, run;

static void write_deck(const text_t *path)
{
    static const char text[] =
        "[model]\nvocab = 300\nwidth = 32\nlayers = 2\nheads = 4\nkv_heads = 2\nffn = "
        "48\nmax_position = 64\ncorpus = src/io/tokenizer.c\n";
    ASSERT(!text_write_file(path->s, text, sizeof text - 1));
}

static void init(const char *where)
{
    text_t key = {0}, backend = {0};
    text_addf(&key, "model.dir=%s", where);
    text_addf(&backend, "layout.backend=%s",
              getenv("ALETHEIA_BACKEND") ? getenv("ALETHEIA_BACKEND") : "cpu");
    call_t c = {.argc = 3, .argv = (char *[]){deck.s, key.s, backend.s}};
    c.deck = deck_open(deck.s, 2, c.argv + 1);
    check(verb_init(&c) == CODE_DONE);
    deck_free(c.deck);
    text_reset(&key);
    text_reset(&backend);
}

static void export(const char *from, const char *dtype)
{
    call_t c = {.argc = 3, .argv = (char *[]){(char *)from, out.s, (char *)dtype}};
    check(verb_export(&c) == CODE_DONE);
}

static hash_t hash_of(const char *model)
{
    model_t *m = hf_open(model, backend_open("cpu"));
    hash_t h = model_hash(m);
    model_free(m);
    return h;
}

/* A checkpoint of `run`, with weights of another seed; its deck says where it began. */
static hash_t make_checkpoint(void)
{
    model_t *m = hf_open(first.s, backend_open("cpu"));
    const params_t *p = model_params(m);
    text_t text = {0}, path = {0};
    model_init_random(m, 5);
    float *block = ALLOC(float, p->count);
    model_to_block(m, (buf_t){block});
    text_addf(&text, "[model]\ndir = %s\n", first.s);
    text_addf(&path, "%s/ckpt", run.s);
    if (group_rank(comm_world()) == 0)
        ASSERT(!mkdir(run.s, 0777) && !mkdir(path.s, 0777));
    comm_barrier(comm_world());
    ckpt_t *c = ckpt_create(comm_world(), path.s, 3, text.s);
    ckpt_put_config(c, model_config(m));
    ckpt_put_block(c, "param", p, block);
    ckpt_commit(c, 2);
    hash_t h = model_hash(m);
    model_free(m);
    mem_free(block);
    text_reset(&text);
    text_reset(&path);
    return h;
}

static int same_file(const char *name)
{
    text_t a = {0}, b = {0}, path = {0};
    text_addf(&path, "%s/%s", first.s, name);
    int bad = text_read_file(&a, path.s);
    text_clear(&path);
    text_addf(&path, "%s/%s", second.s, name);
    bad |= text_read_file(&b, path.s);
    int same = !bad && a.len == b.len && !memcmp(a.s, b.s, a.len);
    text_reset(&a);
    text_reset(&b);
    text_reset(&path);
    return same;
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    log_set_rank(1); /* no report */
    strcpy(dir, "/tmp/aletheia-test-XXXXXX");
    if (group_rank(comm_world()) == 0)
        ASSERT(mkdtemp(dir));
    comm_bcast(comm_world(), dir, sizeof dir, 0);
    text_addf(&deck, "%s/small.in", dir);
    text_addf(&first, "%s/a/first", dir);
    text_addf(&second, "%s/second", dir);
    text_addf(&out, "%s/out", dir);
    text_addf(&run, "%s/run", dir);
    if (group_rank(comm_world()) == 0)
        write_deck(&deck);
    comm_barrier(comm_world());
    init(first.s);
    init(second.s);
    check(same_file("model.safetensors") && same_file("tokenizer.json") &&
          same_file("config.json"));
    hash_t h = make_checkpoint();
    check(!hash_equal(h, hash_of(first.s)));
    export(run.s, "model.dtype=float32");
    check(hash_equal(h, hash_of(out.s)));
    tokenizer_t *t = tokenizer_open(out.s);
    check(tokenizer_size(t) == 300 && tokenizer_special(t, "<|im_end|>") == 299);
    tokenizer_free(t);
    comm_barrier(comm_world());
    text_t clean = {0};
    text_addf(&clean, "rm -rf '%s'", dir);
    if (group_rank(comm_world()) == 0)
        check(!system(clean.s));
    text_reset(&clean);
    text_reset(&deck);
    text_reset(&first);
    text_reset(&second);
    text_reset(&out);
    text_reset(&run);
    return test_end();
}
