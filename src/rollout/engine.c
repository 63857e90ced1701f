/* Prompts in, trajectories out.

   A rank decodes up to `width` completions at once.  Prompts are taken in order; each
   is computed once (prefill, several prompts in a call up to the workspace), its keys
   stay in pages until the last of its G completions has ended, and the first tokens of
   all G are drawn from its last row in the same call.  Where it begins like a prompt whose
   keys are there, or come in the same call, it takes that one's pages as far as both agree
   in all of a page, and only the rest is computed: pairs of one list share its statement.
   A completion reads the prompt's
   whole pages and appends to pages of its own; what the prompt's last page holds, if it
   is not full, is copied into the first of these, because pages begin at multiples of
   KEY_PAGE positions.  A finished completion's place is taken by the next one waiting,
   so the decoded batch stays full until the phase runs dry.

       prompt i    [ whole pages .. | tail ]           H prompts held at most
       completion                   [ tail, own .. ]   `width` decoded at most

   What a completion says is a function of (prompt, parameters, seed, purpose, step,
   item*G+sample) alone: the forward is row-invariant, and the number that draws the
   token at absolute position p is rng_at(.., p).  Width, order, other prompts and ranks
   change nothing, not a bit.

   Memory.  Pages for width completions of max_new tokens and for H = min(width, 4
   ceil(width/G)) + 1 prompts of max_prompt tokens: a page is always there when one is
   needed, so there is no waiting and no eviction.  A prompt is admitted when one of the
   H places is free; the H prompts held always have a completion that is being decoded
   or can be, so the phase always advances. All arrays are made in engine_new; one token
   costs no allocation, a finished completion two. Communication: none. */
#include "rollout.h"
#include <string.h>

typedef struct { /* a prompt whose keys are kept */
    int prompt;  /* index into the caller's array, -1: free place */
    int open;    /* completions not finished */
    int *page, n_page;
    run_t *run; /* one per page */
} held_t;

typedef struct {         /* a completion being decoded */
    int held, sample, n; /* n tokens so far */
    int32_t *token;      /* [max_new] */
    float *logp;         /* [max_new] */
    int *page, n_page;
    run_t *run; /* one per page of its own */
} seq_t;

typedef struct {
    int held, sample;
    int32_t token;
    float logp;
} waiting_t; /* first token known */

struct engine {
    const ops_t *ops;
    pages_t *pages;
    decoder_t *decoder;
    int width, group, max_new, max_prompt, n_held, own_pages, prompt_pages, max_tokens, max_rows;
    held_t *held;
    seq_t *seq; /* [width], the first n_seq in use */
    int n_seq;
    waiting_t *waiting; /* ring of n_held * group */
    int first_waiting, n_waiting;
    batch_t batch;
    int32_t *slot, *chosen;
    float *u, *logp;
    int *page_mem; /* blocks that the pointers above lead into */
    run_t *run_mem;
    int32_t *token_mem;
    float *logp_mem;
    engine_stats_t stats;
};

typedef struct { /* one phase */
    engine_t *e;
    const model_t *m;
    const sampler_t *s;
    const prompt_t *p;
    int n, next; /* prompts, and how many of them were prefilled */
    traj_t *out;
    void (*each)(void *ctx, const traj_t *t);
    void *ctx;
} phase_t;

typedef struct {
    int held, own_pages, prompt_pages, pages, max_tokens, max_rows;
} sizes_t;

static int ceil_div(int a, int b)
{
    return (a + b - 1) / b;
}

static int min_int(int a, int b)
{
    return a < b ? a : b;
}

static int max_int(int a, int b)
{
    return a > b ? a : b;
}

/* The last token of a completion is never fed back: max_new - 1 keys at most, behind KEY_PAGE - 1
   of the prompt. */
static sizes_t sizes_of(const sampler_t *s)
{
    sizes_t z;
    z.held = min_int(s->width, 4 * ceil_div(s->width, s->group)) + 1;
    z.own_pages = ceil_div(s->max_new - 1 + KEY_PAGE - 1, KEY_PAGE);
    z.prompt_pages = ceil_div(s->max_prompt, KEY_PAGE);
    z.pages = s->width * z.own_pages + z.held * z.prompt_pages;
    z.max_tokens = max_int(max_int(s->width, s->max_prompt), 1024);
    z.max_rows = max_int(s->width, s->group);
    return z;
}

engine_t *engine_new(const model_config_t *c, const ops_t *ops, const sampler_t *s)
{
    ASSERT(s->width > 0 && s->group > 0 && s->max_new > 0 && s->max_prompt > 0);
    sizes_t z = sizes_of(s);
    engine_t *e = ALLOC(engine_t, 1);
    e->ops = ops;
    e->width = s->width, e->group = s->group;
    e->max_new = s->max_new, e->max_prompt = s->max_prompt;
    e->n_held = z.held, e->own_pages = z.own_pages, e->prompt_pages = z.prompt_pages;
    e->max_tokens = z.max_tokens, e->max_rows = z.max_rows;
    e->pages = pages_new(c, ops, z.pages);
    e->decoder = decoder_new(c, ops, z.max_tokens, z.max_rows);

    e->held = ALLOC(held_t, z.held);
    e->seq = ALLOC(seq_t, s->width);
    e->page_mem = ALLOC(int, z.pages);
    e->run_mem = ALLOC(run_t, z.pages);
    e->token_mem = ALLOC(int32_t, (size_t)s->width * s->max_new);
    e->logp_mem = ALLOC(float, (size_t)s->width * s->max_new);
    int at = 0;
    for (int i = 0; i < z.held; i++, at += z.prompt_pages)
        e->held[i] = (held_t){.prompt = -1, .page = e->page_mem + at, .run = e->run_mem + at};
    for (int i = 0; i < s->width; i++, at += z.own_pages)
        e->seq[i] = (seq_t){.token = e->token_mem + (size_t)i * s->max_new,
                            .logp = e->logp_mem + (size_t)i * s->max_new,
                            .page = e->page_mem + at,
                            .run = e->run_mem + at};
    e->waiting = ALLOC(waiting_t, (size_t)z.held * s->group);

    batch_t *b = &e->batch;
    b->cap = z.max_tokens, b->cap_row = z.max_rows;
    b->cap_span = max_int(s->width, z.held), b->cap_run = z.pages + s->width * z.prompt_pages;
    b->token = ALLOC(int32_t, b->cap), b->pos = ALLOC(int32_t, b->cap);
    b->span = ALLOC(span_t, b->cap_span), b->run = ALLOC(run_t, b->cap_run);
    b->row = ALLOC(int32_t, b->cap_row), b->target = ALLOC(int32_t, b->cap_row);
    e->slot = ALLOC(int32_t, z.max_tokens);
    e->chosen = ALLOC(int32_t, z.max_rows);
    e->u = ALLOC(float, z.max_rows);
    e->logp = ALLOC(float, z.max_rows);
    return e;
}

void engine_free(engine_t *e)
{
    if (!e)
        return;
    decoder_free(e->decoder);
    pages_free(e->pages);
    batch_free(&e->batch);
    mem_free(e->held), mem_free(e->seq), mem_free(e->waiting);
    mem_free(e->page_mem), mem_free(e->run_mem), mem_free(e->token_mem), mem_free(e->logp_mem);
    mem_free(e->slot), mem_free(e->chosen), mem_free(e->u), mem_free(e->logp);
    mem_free(e);
}

size_t engine_page_bytes(const model_config_t *c, const ops_t *ops, const sampler_t *s)
{
    return pages_bytes(c, ops, sizes_of(s).pages);
}

size_t engine_bytes(const model_config_t *c, const ops_t *ops, const sampler_t *s)
{
    sizes_t z = sizes_of(s);
    size_t host = (size_t)s->width * s->max_new * 8 + (size_t)z.pages * (4 + 2 * sizeof(run_t)) +
                  (size_t)s->width * z.prompt_pages * sizeof(run_t) + (size_t)z.max_tokens * 12;
    return pages_bytes(c, ops, z.pages) + decoder_bytes(c, ops, z.max_tokens, z.max_rows) + host;
}

engine_stats_t engine_stats(const engine_t *e)
{
    return e->stats;
}

void traj_reset(traj_t *t)
{
    mem_free(t->token);
    mem_free(t->logp);
    *t = (traj_t){0};
}

/* The last token is never an input; the prompt is computed once, for the first sample.  That it may
   begin like another is not counted: a number that does not depend on what was generated beside it. */
double traj_flops(const model_config_t *c, const traj_t *t)
{
    int64_t n = t->n_prompt, k = t->n_token - 1;
    int64_t seen = k * n + k * (k + 1) / 2 + (t->sample ? 0 : n * (n + 1) / 2);
    return model_flops(c, k + (t->sample ? 0 : n), seen, t->n_token, 0);
}

/* Sequences and their pages ---------------------------------------------------------- */

/* The place of the key at that position; a new page where one begins. */
static int32_t next_slot(engine_t *e, int pos, int *page, int *n_page, run_t *run)
{
    if (pos % KEY_PAGE == 0) {
        int fresh = pages_take(e->pages);
        ASSERT(fresh >= 0);
        run[*n_page] = (run_t){pos, fresh * KEY_PAGE, 0};
        page[(*n_page)++] = fresh;
    }
    run_t *last = &run[*n_page - 1];
    return last->slot + last->count++;
}

static void give_pages(engine_t *e, int *page, int *n_page)
{
    while (*n_page > 0)
        pages_give(e->pages, page[--*n_page]);
}

static void held_release(engine_t *e, held_t *h)
{
    give_pages(e, h->page, &h->n_page);
    h->prompt = -1;
}

static int is_stop(const sampler_t *s, int32_t token)
{
    for (int i = 0; i < s->n_stop; i++)
        if (s->stop[i] == token)
            return 1;
    return 0;
}

static int ends(const sampler_t *s, int32_t token, int n)
{
    return n >= s->max_new || is_stop(s, token);
}

static void finish(phase_t *f, held_t *h, int sample, const int32_t *token, const float *logp,
                   int n)
{
    const prompt_t *p = &f->p[h->prompt];
    traj_t *t = &f->out[(size_t)h->prompt * f->s->group + sample];
    t->item = p->item, t->sample = sample;
    t->n_prompt = p->n, t->n_token = n;
    t->token = ALLOC(int32_t, p->n + n);
    memcpy(t->token, p->token, sizeof *t->token * p->n);
    memcpy(t->token + p->n, token, sizeof *t->token * n);
    t->logp = ALLOC(float, n);
    memcpy(t->logp, logp, sizeof *t->logp * n);
    t->truncated = !is_stop(f->s, token[n - 1]);
    t->version = model_version(f->m);
    f->e->stats.sampled += n;
    if (--h->open == 0)
        held_release(f->e, h);
    if (f->each)
        f->each(f->ctx, t);
}

static float draw(const sampler_t *s, int item, int sample, int position)
{
    return rng_at(s->seed, s->purpose, s->step,
                  (uint64_t)item * (uint64_t)s->group + (uint64_t)sample, (uint32_t)position);
}

/* Prefill ---------------------------------------------------------------------------- */

/* Pages of a prompt that is held and with which p begins too, at most all but its last token: how
   many, and whose. */
static int pages_alike(const phase_t *f, const prompt_t *p, const held_t **whose)
{
    int best = 0;
    for (int i = 0; i < f->e->n_held; i++) {
        const held_t *h = &f->e->held[i];
        if (h->prompt < 0)
            continue;
        const prompt_t *q = &f->p[h->prompt];
        int most = min_int(p->n - 1, q->n) / KEY_PAGE, n = 0;
        while (n < most && !memcmp(p->token + n * KEY_PAGE, q->token + n * KEY_PAGE,
                                   KEY_PAGE * sizeof *p->token))
            n++;
        if (n > best)
            best = n, *whose = h;
    }
    return best;
}

static void add_prompt(phase_t *f, held_t *h, int index, const held_t *whose, int alike)
{
    engine_t *e = f->e;
    batch_t *b = &e->batch;
    const prompt_t *p = &f->p[index];
    h->prompt = index, h->open = f->s->group;
    int first = b->n, first_run = b->n_run, from = alike * KEY_PAGE;
    for (; h->n_page < alike; h->n_page++) {
        h->page[h->n_page] = whose->page[h->n_page];
        h->run[h->n_page] = whose->run[h->n_page];
        pages_share(e->pages, h->page[h->n_page]);
    }
    for (int i = from; i < p->n; i++, b->n++) {
        b->token[b->n] = p->token[i];
        b->pos[b->n] = i;
        e->slot[b->n] = next_slot(e, i, h->page, &h->n_page, h->run);
    }
    memcpy(b->run + b->n_run, h->run, sizeof(run_t) * h->n_page);
    b->n_run += h->n_page;
    b->span[b->n_span++] = (span_t){first, p->n - from, from, first_run, h->n_page};
    for (int g = 0; g < f->s->group; g++) {
        e->u[b->n_row] = draw(f->s, p->item, g, p->n);
        b->row[b->n_row++] = b->n - 1;
    }
}

/* Computes the next prompts: as many as free places ask for and one call holds. */
static int prefill(phase_t *f)
{
    engine_t *e = f->e;
    int G = f->s->group, wanted = e->width - e->n_seq - e->n_waiting, made = 0;
    held_t *added[64];
    batch_clear(&e->batch);
    for (int i = 0; i < e->n_held && f->next < f->n && made < 64 && wanted > 0; i++) {
        held_t *h = &e->held[i];
        if (h->prompt >= 0)
            continue;
        int n = f->p[f->next].n;
        ASSERT(n > 0 && n <= e->max_prompt);
        const held_t *whose = NULL;
        int alike = pages_alike(f, &f->p[f->next], &whose);
        if (e->batch.n + n - alike * KEY_PAGE > e->max_tokens || e->batch.n_row + G > e->max_rows)
            break;
        add_prompt(f, h, f->next++, whose, alike);
        added[made++] = h;
        wanted -= G;
    }
    if (!made)
        return 0;
    decode_step(f->m, e->decoder, e->pages, &e->batch, e->slot, &f->s->how, e->u, e->chosen,
                e->logp);
    e->stats.prefilled += e->batch.n;
    e->stats.steps++;
    for (int i = 0, row = 0; i < made; i++)
        for (int g = 0; g < G; g++, row++) {
            if (ends(f->s, e->chosen[row], 1)) {
                finish(f, added[i], g, &e->chosen[row], &e->logp[row], 1);
                continue;
            }
            int at = (e->first_waiting + e->n_waiting++) % (e->n_held * e->group);
            e->waiting[at] =
                (waiting_t){(int)(added[i] - e->held), g, e->chosen[row], e->logp[row]};
        }
    return 1;
}

/* A place for the next one waiting, which takes what is in the prompt's last page along. */
static void admit(const phase_t *f)
{
    engine_t *e = f->e;
    while (e->n_seq < e->width && e->n_waiting > 0) {
        waiting_t w = e->waiting[e->first_waiting];
        e->first_waiting = (e->first_waiting + 1) % (e->n_held * e->group);
        e->n_waiting--;
        seq_t *q = &e->seq[e->n_seq++];
        q->held = w.held, q->sample = w.sample, q->n = 1;
        q->token[0] = w.token, q->logp[0] = w.logp;
        const held_t *h = &e->held[w.held];
        int tail = f->p[h->prompt].n % KEY_PAGE;
        if (tail) {
            int fresh = pages_take(e->pages);
            ASSERT(fresh >= 0);
            pages_copy(e->pages, fresh, h->page[h->n_page - 1]);
            q->page[q->n_page++] = fresh;
            q->run[0] = (run_t){f->p[h->prompt].n - tail, fresh * KEY_PAGE, tail};
        }
    }
}

/* Decoding --------------------------------------------------------------------------- */

static void decode(phase_t *f)
{
    engine_t *e = f->e;
    batch_t *b = &e->batch;
    batch_clear(b);
    for (int i = 0; i < e->n_seq; i++) {
        seq_t *q = &e->seq[i];
        held_t *h = &e->held[q->held];
        const prompt_t *p = &f->p[h->prompt];
        b->token[i] = q->token[q->n - 1];
        b->pos[i] = p->n + q->n - 1;
        e->slot[i] = next_slot(e, b->pos[i], q->page, &q->n_page, q->run);
        int whole = p->n / KEY_PAGE;
        b->span[i] = (span_t){i, 1, b->pos[i], b->n_run, whole + q->n_page};
        memcpy(b->run + b->n_run, h->run, sizeof(run_t) * whole);
        memcpy(b->run + b->n_run + whole, q->run, sizeof(run_t) * q->n_page);
        b->n_run += whole + q->n_page;
        b->row[i] = i;
        e->u[i] = draw(f->s, p->item, q->sample, b->pos[i] + 1);
    }
    b->n = b->n_span = b->n_row = e->n_seq;
    decode_step(f->m, e->decoder, e->pages, b, e->slot, &f->s->how, e->u, e->chosen, e->logp);
    e->stats.steps++;
    int kept = 0; /* the order stays: answers to one prompt are neighbours */
    for (int i = 0; i < e->n_seq; i++) {
        seq_t *q = &e->seq[i];
        q->token[q->n] = e->chosen[i];
        q->logp[q->n++] = e->logp[i];
        if (ends(f->s, e->chosen[i], q->n)) {
            give_pages(e, q->page, &q->n_page);
            finish(f, &e->held[q->held], q->sample, q->token, q->logp, q->n);
            continue;
        }
        seq_t free_one = e->seq[kept];
        e->seq[kept++] = *q;
        *q = free_one;
    }
    e->n_seq = kept;
}

static void abandon(phase_t *f)
{
    engine_t *e = f->e;
    for (int i = 0; i < e->n_seq; i++)
        give_pages(e, e->seq[i].page, &e->seq[i].n_page);
    for (int i = 0; i < e->n_held; i++)
        if (e->held[i].prompt >= 0)
            held_release(e, &e->held[i]);
    e->n_seq = e->n_waiting = 0;
    for (int64_t i = 0; i < (int64_t)f->n * f->s->group; i++)
        traj_reset(&f->out[i]);
}

int engine_run(engine_t *e, const model_t *m, const sampler_t *s, const prompt_t *p, int n,
               traj_t *out, void (*each)(void *ctx, const traj_t *t), int (*idle)(void *ctx),
               void *ctx)
{
    ASSERT(s->width <= e->width && s->group <= e->group && s->max_new <= e->max_new);
    double start = clock_now();
    phase_t f = {e, m, s, p, n, 0, out, each, ctx};
    for (int64_t i = 0; i < (int64_t)n * s->group; i++)
        out[i] = (traj_t){0};
    pages_stamp(e->pages, model_version(m));
    int stopped = 0;
    while (!stopped && (f.next < n || e->n_seq + e->n_waiting > 0)) {
        int worked = 0;
        admit(&f);
        if (e->n_seq < e->width && f.next < n) {
            worked = prefill(&f);
            admit(&f);
        }
        if (e->n_seq > 0 && !(worked && e->n_seq < e->width && f.next < n))
            decode(&f), worked = 1;
        ASSERT(worked);
        stopped = idle && idle(ctx);
    }
    if (stopped)
        abandon(&f);
    e->stats.seconds += clock_now() - start;
    return stopped;
}
