#!/usr/bin/python3
"""Training curves of one or more runs: analysis/curves.py RUN... [--out FILE] [--window STEPS] [--skip-bad]

Each panel shows one quantity over the steps: faint points are the steps, the line is their running mean.
Held-out accuracies are those that the run measured on its way (run.eval_every), with 95% intervals.
Panels of which no run has data are left out."""
import argparse

from records import COLOURS, GREY, Run, each, np, plt, save, smooth, stop

PANELS = [
    ("reward_mean", "reward", "mean reward"),
    ("list_accuracy", "accuracy", "share of lists"),
    ("length_mean", "response length", "tokens"),
    ("entropy", "entropy of the policy", "nats per token"),
    ("kl", "KL to the reference", "nats per token"),
    ("grad_norm", "gradient norm", "L2 norm, unclipped"),
    ("tokens_per_s", "speed", "tokens/s"),
    ("loss", "loss", "loss"),
    ("parse_rate", "answers that parse", "share of answers"),
]


def value(run, name):
    if name == "tokens_per_s":
        sampled, trained, wall = (run.get(k) for k in ("tokens_sampled", "tokens_trained", "wall_s"))
        if wall is None or (sampled is None and trained is None):
            return None
        tokens = sum(np.nan_to_num(x) for x in (sampled, trained) if x is not None)
        return tokens / np.where(wall > 0, wall, np.nan)
    x = run.get(name)
    if name == "kl" and x is not None and not np.any(x):
        return None                     # no reference was kept
    return x


def evaluations(run, suite):
    return run.evaluations(suite)


def has_data(runs, name, suite):
    return any(value(r, name) is not None or (name == "list_accuracy" and evaluations(r, suite)) for r in runs)


def draw_accuracy(axes, run, colour, suite, chances):
    """The run's own evaluations, over the training curve."""
    for (name, mode), rows in sorted(evaluations(run, suite).items()):
        s, acc, lo, hi, chance = np.array(rows).T
        filled = mode != "instruct"
        axes.errorbar(s, acc, yerr=[np.maximum(acc - lo, 0), np.maximum(hi - acc, 0)], color=colour,
                      marker="o" if filled else "s", markersize=3.5, markerfacecolor=colour if filled else "white",
                      linestyle="--", linewidth=0.8, elinewidth=0.8, capsize=1.5, zorder=4)
        chances.append(chance[-1])


def draw(axes, runs, name, suite, window):
    chances, low = [], []
    for run, colour in zip(runs, COLOURS):
        x = value(run, name)
        if x is not None:
            w = window or max(1, len(x) // 24 * 2 + 1)
            axes.plot(run.step, x, ".", color=colour, markersize=3, alpha=0.4, markeredgewidth=0)
            axes.plot(run.step, smooth(x, w), color=colour)
            low.append(np.nanmin(x))
        if name == "list_accuracy":
            draw_accuracy(axes, run, colour, suite, chances)
    if chances:
        axes.axhline(np.mean(chances), color=GREY, linestyle=":", linewidth=1)
    if name in ("grad_norm", "tokens_per_s", "length_mean") and low:
        axes.set_ylim(bottom=0)
    if name == "kl":
        axes.axhline(0, color=GREY, linewidth=0.5)


def legend(figure, runs, suite, window):
    """One legend for the page: runs by colour, then what the marks mean."""
    marks = [plt.Line2D([], [], color=c) for _, c in zip(runs, COLOURS)]
    names = [r.name for r in runs]
    marks.append(plt.Line2D([], [], color=GREY, marker=".", linestyle="none", markersize=4, alpha=0.6))
    names.append("single steps")
    modes = {mode for r in runs for _, mode in evaluations(r, suite)}
    for mode in sorted(modes):
        filled = mode != "instruct"
        marks.append(plt.Line2D([], [], color=GREY, marker="o" if filled else "s", linestyle="--", linewidth=0.8,
                                markersize=3.5, markerfacecolor=GREY if filled else "white"))
        names.append(f"{suite}, {mode} answers (95% interval)" if mode else f"{suite} (95% interval)")
    if modes:
        marks.append(plt.Line2D([], [], color=GREY, linestyle=":", linewidth=1))
        names.append("chance")
    rows = (len(names) + 3) // 4
    figure.legend(marks, names, loc="upper center", ncol=min(4, len(names)), bbox_to_anchor=(0.5, 1.0))
    return rows


def read_run(path):
    run = Run(path)
    if len(run.step) == 0:
        stop(f"{run.path}: no step is recorded yet")
    return run


def main():
    p = argparse.ArgumentParser(description="Training curves of one or more runs.")
    p.add_argument("run", nargs="+", help="run directory, or its run.h5")
    p.add_argument("--out", default="curves", help="file to write; .png and .svg are both made (default: curves)")
    p.add_argument("--window", type=int, default=0, help="steps of the running mean (default: a twelfth of the run)")
    p.add_argument("--suite", default="heldout", help="suite of the evaluations shown (default: heldout)")
    p.add_argument("--skip-bad", action="store_true", help="go on without what cannot be read, and name it")
    a = p.parse_args()
    if len(a.run) > len(COLOURS):
        stop(f"{len(a.run)} runs, at most {len(COLOURS)} can be told apart in one plot")
    if a.window < 0:
        stop(f"--window {a.window}: expected 1 or more steps")
    runs = each(a.run, read_run, a.skip_bad)
    shown = [q for q in PANELS if has_data(runs, q[0], a.suite)]
    if not shown:
        stop(f"{runs[0].path}: none of the columns that curves shows was measured")
    columns = min(3, len(shown))
    rows = (len(shown) + columns - 1) // columns
    names_rows = 2 if len(runs) > 1 else 1
    height = 1.75 * rows + 0.3 + 0.18 * names_rows
    figure, axes = plt.subplots(rows, columns, figsize=(2.4 * columns, height), squeeze=False)
    for i, ax in enumerate(axes.flat):
        if i >= len(shown):
            ax.set_visible(False)
            continue
        name, title, unit = shown[i]
        draw(ax, runs, name, a.suite, a.window)
        ax.set_title(title, loc="left", fontweight="bold")
        ax.set_ylabel(unit)
        if i + columns >= len(shown):
            ax.set_xlabel("step")
        ax.margins(x=0.02)
    legend_rows = legend(figure, runs, a.suite, a.window)
    figure.tight_layout(rect=(0, 0, 1, 1 - (0.08 + 0.17 * legend_rows) / height))
    save(figure, a.out)


if __name__ == "__main__":
    main()
