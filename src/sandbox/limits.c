/* Limits of one run: the problem's, else the deck's, else the table's.

   The table of deck keys (include/keys.def) is the only place where a default stands:
   an empty deck is parsed to get them.  Real time is derived from CPU time unless the
   deck says otherwise: three times as much and half a second, since a machine full of
   graders gives each run a share only.  And what else a deck says of jobs: testlib.h. */
#include "sandbox.h"
#include <string.h>

enum { TESTLIB_MOST = 16 << 20 };

limits_t limits_read(const deck_t *d)
{
    const double absolute = deck_real(d, "sandbox.float_absolute"),
                 relative = deck_real(d, "sandbox.float_relative");
    limits_t l = {
        .cpu_ms = (int)deck_int(d, "sandbox.cpu_ms"),
        .compare = {.absolute = absolute > 0 ? absolute : -1,
                    .relative = relative > 0 ? relative : -1},
        .wall_ms = (int)deck_int(d, "sandbox.wall_ms"),
        .memory_kb = (int)deck_int(d, "sandbox.memory_kb"),
        .output_kb = (int)deck_int(d, "sandbox.output_kb"),
        .stderr_kb = (int)deck_int(d, "sandbox.stderr_kb"),
        .stack_kb = (int)deck_int(d, "sandbox.stack_kb"),
        .processes = (int)deck_int(d, "sandbox.processes"),
        .file_kb = (int)deck_int(d, "sandbox.file_kb"),
        .scratch_kb = (int)deck_int(d, "sandbox.scratch_kb"),
        .compile_cpu_ms = (int)deck_int(d, "sandbox.compile_cpu_ms"),
        .compile_wall_ms = (int)deck_int(d, "sandbox.compile_wall_ms"),
        .compile_memory_kb = (int)deck_int(d, "sandbox.compile_memory_kb"),
        .compile_file_kb = (int)deck_int(d, "sandbox.compile_file_kb"),
    };
    return l;
}

int limits_modes(const deck_t *d)
{
    const char *groups = deck_text(d, "sandbox.cgroups");
    return (deck_flag(d, "sandbox.allow_degraded") ? MODE_DEGRADED : 0) |
           (!strcmp(groups, "no") ? MODE_NO_CGROUPS : 0) |
           (!strcmp(groups, "require") ? MODE_REQUIRE_CGROUPS : 0);
}

int testlib_read(const deck_t *d, text_t *out)
{
    const char *path = deck_text(d, "sandbox.testlib");
    if (!*path)
        return 0;
    text_clear(out);
    int bad = text_read_file(out, path);
    if (bad || !out->len || out->len > TESTLIB_MOST)
        fail(CODE_DATA, "%s: %s; [sandbox] testlib is the path of testlib.h", path,
             bad        ? strerror(bad)
             : out->len ? "larger than 16 MiB"
                        : "empty");
    return 1;
}

limits_t limits_default(void)
{
    deck_t *d = deck_parse("defaults", "", 0, NULL);
    limits_t l = limits_read(d);
    deck_free(d);
    return l;
}

limits_t limits_compiling(limits_t own)
{
    own.cpu_ms = own.compile_cpu_ms;
    own.wall_ms = own.compile_wall_ms;
    own.memory_kb = own.compile_memory_kb;
    return own;
}

limits_t limits_fill(limits_t own, const limits_t *deck)
{
#define FILL(name) own.name = own.name > 0 ? own.name : deck->name
    int derived = own.cpu_ms > 0;
    FILL(cpu_ms);
    if (own.wall_ms <= 0 && (derived || deck->wall_ms <= 0))
        own.wall_ms = 3 * own.cpu_ms + 500;
    FILL(wall_ms);
    FILL(memory_kb);
    FILL(output_kb);
    FILL(stderr_kb);
    FILL(stack_kb);
    FILL(processes);
    FILL(file_kb);
    FILL(scratch_kb);
    FILL(compile_cpu_ms);
    FILL(compile_wall_ms);
    FILL(compile_memory_kb);
    FILL(compile_file_kb);
#undef FILL
    if (own.compare.absolute == 0)
        own.compare.absolute = deck->compare.absolute;
    if (own.compare.relative == 0)
        own.compare.relative = deck->compare.relative;
    own.compare.nocase |= deck->compare.nocase;
    own.compare.spaces |= deck->compare.spaces;
    return own;
}

limits_t limits_problem(const problem_t *p, const limits_t *deck)
{
    limits_t own = {.cpu_ms = p->time_ms, .memory_kb = p->memory_kb, .compare = p->compare};
    if (deck->wall_ms > 3 * p->time_ms + 500)
        own.wall_ms = deck->wall_ms;
    return limits_fill(own, deck);
}
