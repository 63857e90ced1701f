#!/usr/bin/python3
"""Where the time of a run goes: analysis/phases.py RUN... [--out FILE] [--skip-bad]

Left: mean seconds a step of every rank, phases stacked; the line is the slowest rank, which is what a step waits for.  Right:
the same over the steps, mean over ranks, smoothed.  One row a run; phases below half a percent are summed as "other"."""
import argparse

from records import COLOURS, GREY, Run, each, np, plt, save, smooth, stop


def parts(run):
    """Names and seconds[step, rank, phase] of the phases worth showing."""
    s = np.asarray(run.seconds, dtype=float)
    total = np.nansum(s, axis=(0, 1))
    if not total.sum() > 0:
        stop(f"{run.path}: no time by phase is recorded")
    large = [i for i in range(len(total)) if total[i] >= 0.005 * total.sum()]
    small = [i for i in range(len(total)) if i not in large]
    names = [run.phases[i] for i in large]
    shown = s[:, :, large]
    if small and total[small].sum() > 0:
        names.append("other")
        gone = np.isnan(s[:, :, small]).all(axis=2)
        rest = np.where(gone, np.nan, np.nansum(s[:, :, small], axis=2))
        shown = np.concatenate([shown, rest[:, :, None]], axis=2)
    return names, shown


def draw_ranks(ax, names, s, colour):
    count = np.isfinite(s).sum(axis=0)
    mean = np.nansum(s, axis=0) / np.maximum(count, 1)           # [rank, phase]
    x, base = np.arange(len(mean)), np.zeros(len(mean))
    for p, name in enumerate(names):
        ax.bar(x, mean[:, p], 0.82, bottom=base, color=colour[name])
        base += mean[:, p]
    ax.axhline(base.max(), color=GREY, linewidth=0.8, linestyle="--")
    ax.set_ylabel("seconds a step")
    ax.set_ylim(0, base.max() * 1.08)
    ax.set_xlim(-0.6, len(mean) - 0.4)
    step = max(1, len(mean) // 16)
    ax.set_xticks(x[::step])
    ax.set_xlabel("rank")
    ax.grid(axis="x", visible=False)


def draw_steps(ax, steps, names, s, colour):
    count = np.isfinite(s).sum(axis=1)
    mean = np.nansum(s, axis=1) / np.maximum(count, 1)           # [step, phase]
    w = max(1, len(steps) // 40 * 2 + 1)
    ax.stackplot(steps, [smooth(mean[:, p], w) for p in range(len(names))], colors=[colour[n] for n in names],
                 linewidth=0)
    ax.set_xlabel("step")
    ax.set_ylim(bottom=0)
    ax.margins(x=0)


def read_run(path):
    run = Run(path)
    return run, parts(run)


def main():
    p = argparse.ArgumentParser(description="Time by phase, per rank and over the steps.")
    p.add_argument("run", nargs="+", help="run directory, or its run.h5")
    p.add_argument("--out", default="phases", help="file to write; .png and .svg are both made (default: phases)")
    p.add_argument("--skip-bad", action="store_true", help="go on without what cannot be read, and name it")
    a = p.parse_args()
    pairs = each(a.run, read_run, a.skip_bad)
    runs, shown = [r for r, _ in pairs], [s for _, s in pairs]
    names = list(dict.fromkeys(n for ns, _ in shown for n in ns if n != "other"))
    shades = [COLOURS[i] for i in (5, 0, 4, 1, 2, 3, 7, 6)]
    colour = {n: shades[i % len(shades)] for i, n in enumerate(names)} | {"other": "#bbbbbb"}
    names += ["other"] if any("other" in ns for ns, _ in shown) else []
    legend_rows = (len(names) + 6) // 7
    height = 2.1 * len(runs) + 0.15 + 0.2 * legend_rows
    figure, axes = plt.subplots(len(runs), 2, figsize=(6.8, height), squeeze=False, gridspec_kw={"width_ratios": [1, 1.6]})
    for (left, right), run, (ns, s) in zip(axes, runs, shown):
        draw_ranks(left, ns, s, colour)
        draw_steps(right, run.step, ns, s, colour)
        left.set_title(run.name, loc="left", fontweight="bold")
        right.set_title("mean over ranks", loc="left")
    figure.legend([plt.Rectangle((0, 0), 1, 1, color=colour[n]) for n in names], names, loc="upper center",
                  ncol=min(7, len(names)), bbox_to_anchor=(0.5, 1.0), handlelength=1.0)
    figure.tight_layout(rect=(0, 0, 1, 1 - (0.06 + 0.18 * legend_rows) / height))
    save(figure, a.out)


if __name__ == "__main__":
    main()
