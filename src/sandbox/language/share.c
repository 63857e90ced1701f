/* A launcher's side of what the launchers of a keeper make for each other: compiled
   programs, failed compilations, precompiled headers, and what is known of tool-chains.
   The other side is store.c.

   Before it makes something a launcher asks: the answer is to make it, a descriptor of
   it (on a socket beside the stream; the file lies in the launcher that made it, nobody
   copies), its failure, or that it is not worth while.  If another launcher is just
   making it the answer comes when that one is done; meanwhile this one gives signs of
   life.  Without a keeper that shares (side < 0) everything is made. */
#include "compile.h"
#include "sandbox/keeper/store.h"
#include "sandbox/process.h"
#include <poll.h>
#include <string.h>
#include <unistd.h>

int share_send(int side, int fd)
{
    return process_hand(side, "F", 1, &fd, 1, 0);
}

int share_receive(int side)
{
    char byte;
    int fd;
    return process_take(side, &byte, 1, &fd) ? fd : -1;
}

static void tell(box_t *b, int kind, const text_t *t)
{
    frame_put(b->to, kind, t);
    frame_pump(b->to, 0);
}

static void wait_a_second(box_t *b)
{
    struct pollfd p = {b->to->fd, (short)(POLLIN | (frame_waiting(b->to) ? POLLOUT : 0)), 0};
    int n = poll(&p, 1, 1000);
    if (n == 0)
        frame_put(b->to, MSG_BEAT, NULL);
    frame_pump(b->to, p.revents & (POLLIN | POLLHUP));
    if (b->to->closed)
        _exit(0);
}

int share_ask(box_t *b, int kind, hash_t key, int after, int *fd, failed_t *why)
{
    text_t t = {0};
    wire_in_t in;
    int what;
    size_t n;
    *fd = -1;
    if (b->side < 0)
        return kind == SHARE_PROGRAM ? SHARE_MAKE : SHARE_NOT_NOW;
    wire_put_i64(&t, kind);
    wire_put_i64(&t, after);
    wire_put_i64(&t, (int64_t)key.lo);
    wire_put_i64(&t, (int64_t)key.hi);
    tell(b, MSG_ASK, &t);
    text_reset(&t);
    do
        while (!frame_get(b->to, &what, &in))
            wait_a_second(b);
    while (what != MSG_TELL);
    int answer = (int)wire_i64(&in);
    why->verdict = (int)wire_i64(&in);
    why->subcode = subcode_text(wire_bytes(&in, &n));
    const char *words = wire_bytes(&in, &n);
    if (answer == SHARE_FAILED)
        text_addn(why->message, words, n);
    if (answer == SHARE_TAKE && (*fd = share_receive(b->side)) < 0)
        answer = kind == SHARE_PROGRAM ? SHARE_MAKE : SHARE_NOT_NOW;
    return answer;
}

void share_made(box_t *b, int kind, hash_t key, int fd, const failed_t *why)
{
    text_t t = {0};
    if (b->side < 0)
        return;
    int good = fd >= 0 && share_send(b->side, fd);
    wire_put_i64(&t, kind);
    wire_put_i64(&t, (int64_t)key.lo);
    wire_put_i64(&t, (int64_t)key.hi);
    wire_put_i64(&t, good);
    wire_put_i64(&t, why ? why->verdict : V_FAULT);
    wire_put_bytes(&t, why ? why->subcode : "", why ? strlen(why->subcode) : 0);
    wire_put_bytes(&t, why && why->message->s ? why->message->s : "", why ? why->message->len : 0);
    tell(b, MSG_MADE, &t);
    text_reset(&t);
}

void share_found(box_t *b, lang_t lang)
{
    text_t t = {0};
    if (b->side < 0)
        return;
    language_put_found(&t, (int)lang, &b->languages.row[lang]);
    tell(b, MSG_FOUND, &t);
    text_reset(&t);
}
