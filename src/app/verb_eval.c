/* aletheia eval DECK: list accuracy of one model on the suites of one problem file.

   Prints a table per suite and a RESULT line each; writes OUT/<suite>.h5 with every single answer,
   so that comparisons can pair lists.  All ranks share the lists; the numbers are those of one
   rank. A checkpoint is asked as its run was: what [prompt] of the deck leaves open, the run's deck
   says. */
#include "app.h"
#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

static int asked_to_stop(void *ctx)
{
    (void)ctx;
    return stop_asked();
}

asking_t asking_read(const deck_t *d, const char *mode)
{
    asking_t o = {.mode = !strcmp(mode, "think") ? MODE_THINK : MODE_INSTRUCT,
                  .samples = (int)deck_int(d, "eval.samples"),
                  .limit = (int)deck_int(d, "eval.limit"),
                  .seed = (uint64_t)deck_int(d, "run.seed")};
    o.sampler = (sampler_t){.how = {.temperature = (float)deck_real(d, "eval.temperature"),
                                    .top_p = (float)deck_real(d, "eval.top_p"),
                                    .top_k = (int)deck_int(d, "eval.top_k")},
                            .group = o.samples,
                            .max_new = (int)deck_int(d, "eval.max_new"),
                            .width = (int)deck_int(d, "eval.width"),
                            .max_prompt = (int)deck_int(d, "eval.max_prompt")};
    return o;
}

int suites_read(const char *text, suite_t *suite)
{
    int n = 0;
    for (const char *w = text; *w; w += strcspn(w, ", "), w += strspn(w, ", ")) {
        size_t len = strcspn(w, ", ");
        int s = 0;
        while (s < SUITES && (strlen(suite_names[s]) != len || strncmp(w, suite_names[s], len)))
            s++;
        if (s == SUITES || n == SUITES)
            fail(CODE_USAGE,
                 "suites = %s: `%.*s` is no suite (train, heldout, strong, hard, equivalent, adv)",
                 text, (int)len, w);
        suite[n++] = (suite_t)s;
    }
    return n;
}

/* How many lists of the answers have imported labels; the same on every rank. */
static int64_t imported_lists(group_t *g, const asked_t *a, const bank_t *b)
{
    int64_t n = 0;
    for (int i = 0; i < a->n_local; i++)
        n += a->answer[i].k == 0 && bank_imported(b, &b->list[a->answer[i].list]) > 0;
    comm_sum_i64(g, &n, 1);
    return n;
}

void eval_report(group_t *g, const asked_t *a, suite_t suite, const bank_t *b, const char *dir,
                 const deck_t *d, hash_t hash)
{
    text_t text = {0};
    const listacc_t *r = &a->acc;
    int64_t imported = imported_lists(g, a, b);
    char label[48] = "";
    if (imported)
        snprintf(label, sizeof label, " labels=imported imported=%lld", (long long)imported);
    listacc_print(r, suite_names[suite], &text);
    text.s[text.len - 1] = 0;
    log_line("%s", text.s);
    if (a->dropped)
        log_line(
            "  %d lists left out: prompt longer than eval.max_prompt or than the model has positions for",
            a->dropped);
    log_line(
        "RESULT suite=%s lists=%d chance=%.4f acc=%.4f lo=%.4f hi=%.4f parsed=%.4f length=%.1f seconds=%.2f "
        "tokens_per_s=%.0f dropped=%d%s",
        suite_names[suite], r->lists, r->chance, r->acc.mean, r->acc.lo, r->acc.hi, r->parse_rate,
        r->length_mean, a->seconds, (double)a->sampled / a->seconds, a->dropped, label);
    if (dir) {
        scalar_t s[16] = {{"listacc", r->acc.mean, r->acc.lo, r->acc.hi},
                          {"chance", r->chance, NAN, NAN},
                          {"parse_rate", r->parse_rate, NAN, NAN},
                          {"length_mean", r->length_mean, NAN, NAN}};
        static const char *const names[6] = {"",          "",          "listacc_2",
                                             "listacc_3", "listacc_4", "listacc_5"};
        int n = 4;
        s[n++] = (scalar_t){"dropped", a->dropped, NAN, NAN};
        for (int c = 2; c <= 5; c++)
            if (r->count_n[c])
                s[n++] = (scalar_t){names[c], r->acc_n[c].mean, r->acc_n[c].lo, r->acc_n[c].hi};
        if (imported)
            s[n++] = (scalar_t){"imported_lists", (double)imported, NAN, NAN};
        text_t path = {0}, deck = {0};
        text_addf(&path, "%s/%s.h5", dir, suite_names[suite]);
        deck_write(d, &deck);
        eval_write(g, path.s, deck.s, suite_names[suite], hash, a->answer, a->n_local, s, n);
        text_reset(&path);
        text_reset(&deck);
    }
    text_reset(&text);
}

ready_want_t eval_want(const deck_t *d, const char *dir)
{
    return (ready_want_t){.deck = d,
                          .dir = dir,
                          .asks = 1,
                          .eval_new = (int)deck_int(d, "eval.max_new")};
}

/* A checkpoint is looked at once its deck is known; lists with longer prompts are left out. */
static void check_room(group_t *g, asking_t *o, const deck_t *d, const loaded_t *l)
{
    const model_config_t *c = model_config(l->model);
    int room = c->max_position - o->sampler.max_new;
    ready_want_t want = eval_want(d, l->from);
    want.config = c;
    if (l->deck) {
        ready_t ready = ready_look(&want);
        ready_refuse(&ready, g);
        ready_free(&ready);
    }
    o->sampler.max_prompt = o->sampler.max_prompt < room ? o->sampler.max_prompt : room;
}

template_t *asked_template(deck_t *d, const loaded_t *l)
{
    static const char *const keys[] = {"prompt.template", "prompt.system", "prompt.question"};
    text_t text = {0};
    if (l->deck &&
        !deck_is_set(l->deck, keys[2])) /* an older version's, which knew only this one */
        deck_set(l->deck, keys[2], "brief");
    for (int i = 0; l->deck && i < 3; i++)
        if (!deck_is_set(d, keys[i]))
            deck_set(d, keys[i], deck_text(l->deck, keys[i]));
    question_decide(d, l->from);
    template_t *t = template_open(d, l->from, l->tokenizer);
    template_say(t, &text);
    log_line("prompt: %s", text.s);
    text_reset(&text);
    return t;
}

/* Lists with imported labels are asked only where the deck says so. */
static void check_labels(group_t *g, const deck_t *d, const bank_t *b, const suite_t *suite, int n)
{
    int imported = 0;
    for (int i = 0; i < n; i++)
        imported += bank_imported_lists(b, suite[i]);
    fail_any(g, imported && !deck_flag(d, "data.allow_imported"), CODE_DATA, BANK_IMPORTED_REFUSED,
             deck_text(d, "data.problems"), imported);
    if (imported)
        log_line("labels: IMPORTED, not executed here, for %d lists of these suites", imported);
}

int verb_eval(call_t *c)
{
    deck_t *d = c->deck;
    group_t *g = comm_world();
    stop_install();
    suite_t suite[SUITES];
    int n = suites_read(deck_text(d, "eval.suites"), suite);
    const char *path =
        *deck_text(d, "eval.model") ? deck_text(d, "eval.model") : deck_text(d, "model.dir");
    ready_want_t want = eval_want(d, path);
    loaded_t l = load_asked(g, path, &want, 0);
    const ops_t *ops = model_ops(l.model);
    bank_t bank = {0};
    if (!*deck_text(d, "data.problems"))
        fail(CODE_USAGE,
             "data.problems is not set: name a problem file (`aletheia problems` makes one)");
    bank_read(g, &bank, deck_text(d, "data.problems"));
    check_labels(g, d, &bank, suite, n);
    const char *out = *deck_text(d, "eval.out") ? deck_text(d, "eval.out") : NULL;
    if (out && group_rank(g) == 0 && mkdir(out, 0777) && errno != EEXIST)
        fail(CODE_USAGE, "eval.out = %s: cannot make this folder: %s", out, strerror(errno));
    comm_barrier(g);

    asking_t o = asking_read(d, deck_text(d, "eval.mode"));
    template_t *template = asked_template(d, &l);
    o.template = template;
    sampler_stop(&o.sampler, template->stop, template->n_stop);
    check_room(g, &o, d, &l);
    engine_t *e = engine_new(model_config(l.model), ops, &o.sampler);
    log_line("%s on %s, %s answers, %d a list, temperature %g, top-p %g", path,
             deck_text(d, "data.problems"), deck_text(d, "eval.mode"), o.samples,
             o.sampler.how.temperature, o.sampler.how.top_p);
    int code = CODE_DONE;
    for (int i = 0; i < n && code == CODE_DONE; i++) {
        asked_t a =
            eval_suite(g, e, l.model, l.tokenizer, &bank, suite[i], &o, asked_to_stop, NULL);
        if (a.stopped)
            code = CODE_AGAIN;
        else if (a.acc.lists == 0) {
            log_warn("suite %s: no lists of it in %s%s (%d left out)", suite_names[suite[i]],
                     deck_text(d, "data.problems"),
                     a.dropped ? " with a prompt of at most eval.max_prompt tokens" : "",
                     a.dropped);
            log_line("RESULT suite=%s lists=0 dropped=%d", suite_names[suite[i]], a.dropped);
        } else
            eval_report(g, &a, suite[i], &bank, out, d, model_hash(l.model));
        mem_free(a.answer);
    }
    engine_free(e);
    bank_free(&bank);
    template_free(template);
    load_free(&l);
    return code;
}
