"""What the experiment shows: figures for each claim of arXiv 2504.13837, and whether it shows here, by rules that were written
before the first run.

Not here: the statistics (statistics_of_runs.py), words and tables (words.py), pictures (pictures.py).
"""

import json
from dataclasses import dataclass
from typing import Any

import numpy

import answers
from plan import BASE, Plan, Run
from statistics_of_runs import Estimate, over_problems_and_bases, pass_at, redrawn, share_of_problems

# A set is nearly empty where it may well be up to this share of the problems: the paper's table 5 has 1 of 51.
NEARLY_EMPTY = 0.03
# Algorithms differ little where their gaps are apart by at most this share of the gap; the paper's by 0.10 (table 2).
LITTLE = 0.25

SHOWS, CONTRARY, OPEN = "shows", "the contrary shows", "cannot be said"


@dataclass(frozen=True)
class Claim:
    """A claim of the paper, the figure that decides it, and what it decides."""

    name: str
    figure: str
    estimate: Estimate
    verdict: str
    unit: str


class Results:
    """Counts of all runs, by base and name: how many samples passed of each problem."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.bases = plan.asked.bases
        self.samples: int = plan.settings["evaluation"]["samples"]
        self.compared = {seed: json.loads((plan.out / f"base-{seed}/report/compare.json").read_text()) for seed in self.bases}
        self.counts: dict[tuple[int, str], numpy.ndarray] = {}
        for seed, compared in self.compared.items():
            rows = sorted(compared["table"], key=lambda row: row["task_id"])
            self.problems = [row["task_id"] for row in rows]
            for place, run in enumerate(compared["runs"]):
                if any(row["passed"][place][1] != self.samples for row in rows):
                    raise ValueError(f"base {seed}, {run['name']}: not every problem has {self.samples} samples")
                self.counts[seed, run["name"]] = numpy.array([row["passed"][place][0] for row in rows])

    def bases_of(self, *names: str) -> list[int]:
        """The bases that have all of these runs."""
        return [seed for seed in self.bases if all((seed, name) in self.counts for name in names)]

    def rl(self) -> list[str]:
        """The main RL runs: GRPO, by seed."""
        return [f"grpo-{seed}" for seed in self.plan.asked.rl_seeds]

    def run(self, seed: int, name: str) -> Run:
        return next(run for run in self.plan.runs if (run.base, run.name) == (seed, name))

    def pass_at(self, k: int, names: list[str], bases: list[int]) -> numpy.ndarray:
        """pass@k by base and problem, the mean of these runs."""
        return numpy.array(
            [numpy.mean([pass_at(k, self.counts[seed, name], self.samples) for name in names], axis=0) for seed in bases]
        )

    def curve(self, names: list[str], ks: list[int], beside: str = BASE) -> list[Estimate]:
        """pass@k of runs, on the bases that have them and what they are shown beside."""
        bases = self.bases_of(*names, beside)
        return [over_problems_and_bases(self.pass_at(k, names, bases)) for k in ks]

    def difference(self, k: int, names: list[str], less: list[str]) -> Estimate:
        bases = self.bases_of(*names, *less)
        return over_problems_and_bases(self.pass_at(k, names, bases) - self.pass_at(k, less, bases))

    def only(self, these: list[str], others: list[str]) -> Estimate:
        """The share of problems that runs solve and others do not, each paired with each."""
        of = []
        for seed in self.bases_of(*these, *others):
            solved = {name: self.counts[seed, name] > 0 for name in (*these, *others)}
            of.append(numpy.mean([solved[one] & ~solved[other] for one in these for other in others], axis=0))
        return share_of_problems(numpy.array(of))

    def log_perplexity(self, names: list[str]) -> numpy.ndarray:
        """By base and problem: the mean logarithm of the perplexity that answers have for the base."""
        of = []
        for seed in self.bases_of(*names):
            found = [answers.mean_log_perplexities(self.run(seed, name).folder / "perplexity.jsonl") for name in names]
            of.append(numpy.mean([[means[problem] for problem in self.problems] for means in found], axis=0))
        return numpy.array(of)

    def gap(self, name: str) -> Estimate:
        """The sampling efficiency gap: pass@n of the base less pass@1 of a run."""
        bases = self.bases_of(BASE, name)
        return over_problems_and_bases(self.pass_at(self.samples, [BASE], bases) - self.pass_at(1, [name], bases))


def decided(shows: bool, contrary: bool) -> str:
    return SHOWS if shows else CONTRARY if contrary else OPEN


def above_zero(estimate: Estimate) -> str:
    return decided(estimate.low > 0, estimate.high < 0)


def at_most(estimate: Estimate, bound: float) -> str:
    return decided(estimate.high <= bound, estimate.low > bound)


def claims(results: Results) -> list[Claim]:
    """Those that were asked for."""
    n, rl, asked = results.samples, results.rl(), results.plan.asked
    rise = results.difference(1, rl, [BASE])
    overtaken = results.difference(n, [BASE], rl)
    only_rl = results.only(rl, [BASE])
    surprise = over_problems_and_bases(results.log_perplexity(rl) - results.log_perplexity([BASE]))
    found = [
        Claim("RL raises pass@1", "pass@1, RL less base", rise, above_zero(rise), "points"),
        Claim("the base overtakes at large k", f"pass@{n}, base less RL", overtaken, above_zero(overtaken), "points"),
        Claim(
            "RL solves almost nothing that the base does not",
            "problems that RL alone solves",
            only_rl,
            at_most(only_rl, NEARLY_EMPTY),
            "%",
        ),
        Claim(
            "RL's answers are likely under the base",
            "log of the perplexity for the base, RL's answers less its own",
            surprise,
            at_most(surprise, 0.0),
            "nats",
        ),
    ]
    if asked.algorithms:
        apart = spread_of_gaps(results)
        found.append(
            Claim("algorithms differ little", "largest less smallest gap, as a share of the gap", apart, at_most(apart, LITTLE), "")
        )
    if asked.distilled:
        wider = results.difference(n, ["distilled"], [BASE])
        found.append(Claim("distillation widens", f"pass@{n}, distilled less base", wider, above_zero(wider), "points"))
    return found


def series(results: Results) -> list[str]:
    """The series' runs, by step."""
    return [f"series-step-{step}" for step in results.plan.settings["series"]["steps"]]


def algorithms(results: Results) -> list[str]:
    """A run of each, with the same seed."""
    seed = results.plan.asked.rl_seeds[0]
    return [f"{name}-{seed}" for name in results.plan.settings["algorithms"]]


def spread_of_gaps(results: Results) -> Estimate:
    base = results.pass_at(results.samples, [BASE], results.bases).mean(axis=0)
    gaps = numpy.array([base - results.pass_at(1, [name], results.bases).mean(axis=0) for name in algorithms(results)])

    def share(problems: numpy.ndarray) -> float:
        means = gaps[:, problems].mean(axis=1)
        apart = means.max() - means.min()
        return float(apart / means.mean()) if apart else 0.0

    return redrawn(share, len(results.problems))


def checks(results: Results) -> dict[str, Any]:
    """What must hold for the figures to mean anything."""
    plan = results.plan
    control = [
        row["verdict"]
        for seed in results.bases
        for row in answers.read_rows(plan.out / f"base-{seed}/control/judged/verdicts.jsonl")
    ]
    rewards = [json.loads(file.read_text()) for file in sorted(plan.out.glob("base-*/*-again/counts.json"))]
    runs = [(seed, run) for seed, compared in results.compared.items() for run in compared["runs"]]
    return {
        "answers of others": len(control),
        "of these right": control.count("pass"),
        "samples": len(runs) * len(results.problems) * results.samples,
        "samples that could not be judged": sum(run["infra_errors"] for _, run in runs),
        "rewards": sum(row["rewards"] for row in rewards),
        "rewards that could not be given": sum(row["masked"] for row in rewards),
        "rewards that `trialbox verify` does not bear out": sum(row["different"] for row in rewards),
        "minutes of all tasks": round(sum(task.seconds for task in plan.tasks) / 60, 1),
    }
