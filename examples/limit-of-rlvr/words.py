"""What was found, as Markdown: claims, curves, pairs, variants, checks.

Not here: figures (findings.py), pictures (pictures.py), what it means (docs/paper-small.md).
"""

import math
from collections.abc import Iterable, Sequence

import answers
import findings
from findings import Claim, Results
from plan import BASE
from statistics_of_runs import Estimate


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines) + "\n"


def percent(estimate: Estimate) -> str:
    """A share in %, with its interval."""
    low, high = max(estimate.low, -1.0) * 100, min(estimate.high, 1.0) * 100
    return f"{estimate.value * 100:.1f} [{low:.1f}, {high:.1f}]"


def rate(estimate: Estimate) -> str:
    """The same of what cannot be below 0 or above 1."""
    return percent(Estimate(estimate.value, max(estimate.low, 0.0), estimate.high))


def figure(claim: Claim) -> str:
    if claim.unit in ("points", "%"):
        return f"{(rate if claim.unit == '%' else percent)(claim.estimate)} {claim.unit}"
    estimate = claim.estimate
    return f"{estimate.value:.2f} [{estimate.low:.2f}, {estimate.high:.2f}] {claim.unit}".rstrip()


def ks_up_to(samples: int) -> list[int]:
    return [k for k in (1, 4, 16, 64, 256, 1024) if k < samples] + [samples]


def curves(results: Results) -> str:
    ks = ks_up_to(results.samples)
    lines: list[tuple[str, list[str]]] = [(BASE, [BASE]), ("RL (GRPO)", results.rl())]
    asked = results.plan.asked
    lines += [("narrow RL", ["narrow"])] if asked.narrow else []
    lines += [("distilled", ["distilled"]), ("its teacher", ["teacher"])] if asked.distilled else []
    rows = [[name, *map(rate, results.curve(names, ks))] for name, names in lines]
    return table(["pass@k in %", *map(str, ks)], rows)


def pairs(results: Results) -> str:
    rows = []
    for seed, compared in results.compared.items():
        base = compared["runs"][0]["curve"]
        for pair in compared["pairs"]:
            of = next(run for run in compared["runs"] if run["name"] == pair["b"])
            sets = pair["sets"]
            ends = [f"{curve[place]['value'] * 100:.1f}" for curve in (base, of["curve"]) for place in (0, -1)]
            rows.append([seed, pair["b"], *ends, pair["crossing"]["text"], f"{len(sets['only_a'])} / {len(sets['only_b'])}"])
    n = results.samples
    header = [
        "base",
        "run",
        "base @1",
        f"base @{n}",
        "run @1",
        f"run @{n}",
        "the base overtakes (k [95 %])",
        "only base / only run",
    ]
    return table(header, rows)


def by_run(results: Results, names: list[str]) -> str:
    """Runs of which a base has one."""
    n = results.samples
    rows = [
        [
            name,
            len(results.bases_of(name)),
            rate(results.curve([name], [1])[0]),
            rate(results.curve([name], [n])[0]),
            percent(results.gap(name)),
            rate(results.only([BASE], [name])),
            rate(results.only([name], [BASE])),
        ]
        for name in names
    ]
    return table(["run", "bases", "pass@1", f"pass@{n}", f"gap: base @{n} less run @1", "only base, %", "only run, %"], rows)


def texts(results: Results) -> str:
    """What is known of the answers beside whether they are right."""
    rows = []
    for name in dict.fromkeys(run.name for run in results.plan.runs):
        runs = [run for run in results.plan.runs if run.name == name]

        def mean(of: list[float]) -> float:
            return sum(of) / len(of)

        rows.append(
            [
                name,
                f"{mean([answers.entropy(run.entropy) for run in runs]):.3f}",
                f"{mean([answers.different_programs(run.folder / 'completions.jsonl') for run in runs]):.1f}",
                f"{math.exp(results.log_perplexity([name]).mean()):.3f}",
            ]
        )
    n = results.samples
    return table(
        ["run", "entropy at T = 1, nats a token", f"different texts of {n}", "perplexity of its answers for the base"], rows
    )


def markdown(results: Results, found: list[Claim], checked: dict[str, object]) -> str:
    """All of it."""
    asked = results.plan.asked
    over = "problems and bases" if len(asked.bases) > 1 else "problems (one base)"
    counts = f"{len(results.problems)} problems, {results.samples} samples each; bases {asked.bases}, RL seeds {asked.rl_seeds}"
    parts = [
        f"{counts}. Brackets are intervals of 95 %, over {over}.\n",
        table(
            ["claim", "figure", "measured", "here"], [[claim.name, claim.figure, figure(claim), claim.verdict] for claim in found]
        ),
        "### Curves\n",
        curves(results),
        "### Each run beside its base\n",
        pairs(results),
    ]
    if asked.algorithms:
        parts += ["### Algorithms\n", by_run(results, findings.algorithms(results))]
    if asked.series:
        parts += ["### Steps\n", by_run(results, findings.series(results))]
    if asked.narrow:
        parts += ["### The narrow run\n", by_run(results, ["narrow"])]
    parts += ["### Answers\n", texts(results), "### Checks\n", table(["what", "count"], checked.items())]
    return "\n".join(parts)
