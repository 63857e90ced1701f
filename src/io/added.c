/* Added tokens: found in the text before any splitting.

   Leftmost and longest first.  A token's flags then decide.  special: skipped unless
   asked for.  single_word: skipped if a character of a word touches it.  lstrip, rstrip:
   white space beside it becomes part of it.  As in the `tokenizers` package the search
   goes on behind the token's own text, not behind the space it took; so a token of white
   space is found even within that (unless it strips to the left, which leaves nothing
   of it), and space behind it that was taken before is text again.

   The tokens' bytes are a tree, one for those sought in the raw text, one for those
   sought in its normal form; a position costs one look unless a token may begin there,
   then a step per byte.  White space to the right is measured once, however many tokens
   claim it. */
#include "tokenizer.h"

static int32_t new_node(tokenizer_t *t, unsigned char byte)
{
    if (!t->n_node)
        PUSH(t->node, t->n_node, t->cap_node, ((node_t){0, 0, -1, 0}));
    PUSH(t->node, t->n_node, t->cap_node, ((node_t){0, 0, -1, byte}));
    return t->n_node - 1;
}

static int32_t child(const tokenizer_t *t, int32_t node, char byte)
{
    int32_t c = t->node[node].child;
    while (c && t->node[c].byte != (unsigned char)byte)
        c = t->node[c].next;
    return c;
}

int added_put(tokenizer_t *t, const added_t *a, const char *content)
{
    int32_t *root = &t->root[a->normal][(unsigned char)*content];
    if (!*root)
        *root = new_node(t, (unsigned char)*content);
    int32_t at = *root;
    for (size_t i = 1; i < a->len; i++) {
        int32_t c = child(t, at, content[i]);
        if (!c) {
            c = new_node(t, (unsigned char)content[i]);
            t->node[c].next = t->node[at].child;
            t->node[at].child = c;
        }
        at = c;
    }
    if (t->node[at].token >= 0)
        return 1;
    t->node[at].token = t->n_added;
    PUSH(t->added, t->n_added, t->cap_added, *a);
    return 0;
}

/* The longest token at s; NULL: none. */
static const added_t *token_at(const tokenizer_t *t, const char *s, size_t n, int normal)
{
    int32_t at = t->root[normal][(unsigned char)*s], best = -1;
    for (size_t i = 1; at; i++) {
        if (t->node[at].token >= 0)
            best = t->node[at].token;
        at = i < n ? child(t, at, s[i]) : 0;
    }
    return best < 0 ? NULL : &t->added[best];
}

static int is_refused(const added_t *a, const char *s, size_t n, size_t first, size_t end,
                      int special)
{
    if (a->special && !special)
        return 1;
    return a->single &&
           ((first && regex_word(s, first, -1)) || (end < n && regex_word(s + end, n - end, 1)));
}

void added_split(const tokenizer_t *t, const char *s, size_t n, int special, int normal, ids_t *out,
                 void (*between)(void *arg, const char *s, size_t n), void *arg)
{
    const int32_t *root = t->root[normal];
    size_t done = 0, white = 0, white_end = 0; /* [white, white_end): known to be space */
    for (size_t i = 0; i < n;) {
        while (i < n && !root[(unsigned char)s[i]])
            i++;
        const added_t *a = i < n ? token_at(t, s + i, n - i, normal) : NULL;
        size_t first = i, end = i + (a ? a->len : 1);
        i = end;
        if (!a || is_refused(a, s, n, first, end, special))
            continue;
        if (a->lstrip)
            first = first > done ? first - regex_space(s + done, first - done, -1) : done;
        if (a->rstrip && !(end >= white && end <= white_end)) {
            white = end;
            white_end = end + regex_space(s + end, n - end, 1);
        }
        if (a->rstrip)
            end = white_end;
        if (first > done)
            between(arg, s + done, first - done);
        if (first < end) {
            ids_reserve(out, 1);
            out->id[out->n++] = a->id;
        }
        done = end;
    }
    if (done < n)
        between(arg, s + done, n - done);
}
