"""Pictures of what was found, as PNG.

Not here: figures (findings.py).
"""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import numpy
from matplotlib import pyplot
from matplotlib.axes import Axes

import findings
from findings import Results
from plan import BASE
from statistics_of_runs import Estimate

COLOURS = {"base": "#444444", "RL": "#d1495b", "narrow RL": "#edae49", "distilled": "#00798c", "teacher": "#8d96a3"}


def ks_to(samples: int) -> list[int]:
    """Eight to each doubling."""
    return sorted({round(2 ** (step / 8)) for step in range(int(numpy.log2(samples) * 8) + 1)} | {samples})


def band(axes: Axes, ks: list[int], estimates: list[Estimate], name: str) -> None:
    colour = COLOURS[name]
    axes.plot(ks, [100 * it.value for it in estimates], color=colour, label=name, linewidth=2)
    axes.fill_between(
        ks, [100 * it.low for it in estimates], [100 * it.high for it in estimates], color=colour, alpha=0.15, linewidth=0
    )


def k_axis(axes: Axes, samples: int) -> None:
    axes.set_xscale("log", base=2)
    axes.set_xlim(1, samples)
    axes.xaxis.set_major_formatter(matplotlib.ticker.StrMethodFormatter("{x:.0f}"))
    axes.set_xlabel("k")


def curves(results: Results, file: Path) -> None:
    """pass@k of each kind of model, and the base less RL."""
    ks, rl, asked = ks_to(results.samples), results.rl(), results.plan.asked
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(11, 4.2), layout="constrained")
    kinds = {"base": [BASE], "RL": rl}
    kinds |= {"narrow RL": ["narrow"]} if asked.narrow else {}
    kinds |= {"distilled": ["distilled"]} if asked.distilled else {}
    for name, names in kinds.items():
        for run in names:
            for of_base in numpy.array([results.pass_at(k, [run], results.bases_of(run)).mean(axis=1) for k in ks]).T:
                left.plot(ks, 100 * of_base, color=COLOURS[name], alpha=0.35, linewidth=0.7)
        band(left, ks, results.curve(names, ks), name)
    left.set_ylabel("pass@k, %")
    left.set_ylim(0, 100)
    left.legend(loc="lower right", frameon=False)
    for bases in ([seed] for seed in results.bases):
        for run in rl:
            points = [100 * (results.pass_at(k, [BASE], bases) - results.pass_at(k, [run], bases)).mean() for k in ks]
            right.plot(ks, points, color=COLOURS["RL"], alpha=0.35, linewidth=0.7)
    band(right, ks, [results.difference(k, [BASE], rl) for k in ks], "RL")
    right.axhline(0, color="black", linewidth=0.8)
    right.set_ylabel("base less RL, points")
    for axes in (left, right):
        k_axis(axes, results.samples)
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(file, dpi=110)
    pyplot.close(figure)


def bars(axes: Axes, names: list[str], estimates: list[Estimate], title: str) -> None:
    places = numpy.arange(len(names))
    values = numpy.array([100 * it.value for it in estimates])
    reach = numpy.array([[100 * (it.value - it.low), 100 * (it.high - it.value)] for it in estimates]).T
    axes.errorbar(places, values, yerr=reach, fmt="o", color=COLOURS["RL"], capsize=3)
    axes.set_xticks(places, names, rotation=25)
    axes.set_title(title, fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)


def variants(results: Results, file: Path) -> None:
    """Gaps by algorithm, pass@1 and pass@n by step, and how likely the base finds the answers."""
    n, asked = results.samples, results.plan.asked
    panels = [asked.algorithms, asked.series, True]
    figure, found = pyplot.subplots(1, sum(panels), figsize=(4.2 * sum(panels), 3.8), layout="constrained", squeeze=False)
    free = iter(found[0])
    if asked.algorithms:
        names = findings.algorithms(results)
        axes = next(free)
        bars(
            axes,
            [name.rsplit("-", 1)[0] for name in names],
            [results.gap(name) for name in names],
            f"gap: base @{n} less pass@1, points",
        )
        axes.set_ylim(bottom=0)
    if asked.series:
        names, axes = findings.series(results), next(free)
        steps = [0, *results.plan.settings["series"]["steps"]]
        for k, style in ((1, "o-"), (n, "s--")):
            estimates = [results.curve([name], [k], beside=names[0])[0] for name in (BASE, *names)]
            low, high = ([100 * getattr(it, end) for it in estimates] for end in ("low", "high"))
            axes.plot(steps, [100 * it.value for it in estimates], style, color=COLOURS["RL"], label=f"pass@{k}")
            axes.fill_between(steps, low, high, color=COLOURS["RL"], alpha=0.15, linewidth=0)
        axes.set_title("by steps of RL, %", fontsize=10)
        axes.set_ylim(0, 100)
        axes.legend(frameon=False)
        axes.spines[["top", "right"]].set_visible(False)
    axes = next(free)
    kinds = {"base": [BASE], "RL": results.rl()} | ({"distilled": ["distilled"]} if asked.distilled else {})
    for name, names in kinds.items():
        values = numpy.sort(numpy.concatenate([results.log_perplexity([run]).ravel() for run in names]))
        axes.plot(numpy.exp(values), numpy.linspace(0, 100, len(values)), color=COLOURS[name], label=name)
    axes.set_title("perplexity for the base: % of problems below", fontsize=10)
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(file, dpi=110)
    pyplot.close(figure)


def draw(results: Results, folder: Path) -> list[Path]:
    """All pictures, into a folder."""
    files = [folder / "curves.png", folder / "variants.png"]
    curves(results, files[0])
    variants(results, files[1])
    return files
