/* aletheia show FILE [list N]: what is in any of our files, in words.  Rank 0 reads and prints.

   The words are io/show.c's: one function per kind of file, chosen by the file's own `format`
   attribute, never by its name.  list N prints one problem as a verifier sees it, with pass rates. */
#include "app.h"
#include <stdlib.h>
#include <string.h>

int verb_show(call_t *c)
{
    if (c->argc != 1 && !(c->argc == 3 && !strcmp(c->argv[1], "list")))
        fail(CODE_USAGE, "usage: aletheia show FILE [list N]");
    if (group_rank(comm_world()))
        return CODE_DONE;
    text_t out = {0};
    if (c->argc == 3) {
        char *end;
        long n = strtol(c->argv[2], &end, 10);
        if (*end || end == c->argv[2] || n < 0)
            fail(CODE_USAGE, "show %s list %s: expected a list's number, 0 or more", c->argv[0], c->argv[2]);
        show_list(c->argv[0], (int)n, &out);
    } else {
        show_file(c->argv[0], &out);
    }
    fputs(out.s ? out.s : "", stdout);
    text_reset(&out);
    return CODE_DONE;
}
