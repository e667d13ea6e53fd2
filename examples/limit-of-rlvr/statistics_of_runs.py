"""pass@k over problems, several bases and several seeds, and what may be said of differences.

Not here: one pair of runs (`trialbox compare`, whose crossings and sets are shown as it gives them).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy
from scipy import special, stats

CONFIDENCE = 0.95
REDRAWS = 4_000


@dataclass(frozen=True)
class Estimate:
    """A value with its interval of 95 %."""

    value: float
    low: float
    high: float

    def times(self, factor: float) -> "Estimate":
        return Estimate(self.value * factor, self.low * factor, self.high * factor)


def pass_at(k: int, passed: numpy.ndarray, samples: int) -> numpy.ndarray:
    """The unbiased estimator of Chen et al. (2021), for each count of passed samples."""
    failed = samples - passed.astype(float)

    def log_choose(n: numpy.ndarray | float) -> numpy.ndarray:
        return special.gammaln(n + 1) - special.gammaln(n - k + 1)

    with numpy.errstate(invalid="ignore"):
        all_fail = numpy.exp(log_choose(failed) - log_choose(float(samples)))
    return numpy.where(failed < k, 1.0, 1.0 - all_fail)


def over_problems_and_bases(values: numpy.ndarray) -> Estimate:
    """The mean of a figure that each base (rows) has on each problem (columns), for other problems and other bases.

    Two-way: the variance of the problems' means and that of the bases' means are added, which counts the noise within both
    twice and so errs to the safe side; degrees of freedom by Welch and Satterthwaite. With one base it is over problems alone.
    """
    parts = []
    for axis in (0, 1):
        means = values.mean(axis=axis)
        if len(means) > 1:
            parts.append((means.var(ddof=1) / len(means), len(means) - 1))
    variance, mean = sum(part for part, _ in parts), values.mean()
    if variance == 0:
        return Estimate(mean, mean, mean)
    freedom = variance**2 / sum(part**2 / degrees for part, degrees in parts)
    reach = stats.t.ppf((1 + CONFIDENCE) / 2, freedom) * variance**0.5
    return Estimate(mean, mean - reach, mean + reach)


def share_of_problems(values: numpy.ndarray) -> Estimate:
    """The same of a share, which may be 0 in what was seen and is not known to be 0 for that: at least as wide as Wilson's
    interval for as many problems, however many pairs of runs were looked at on each."""
    estimate, problems = over_problems_and_bases(values), values.shape[1]
    wilson = stats.binomtest(round(estimate.value * problems), problems).proportion_ci(CONFIDENCE, method="wilson")
    return Estimate(estimate.value, min(max(estimate.low, 0.0), wilson.low), max(min(estimate.high, 1.0), wilson.high))


def redrawn(figure: Callable[[numpy.ndarray], float], problems: int) -> Estimate:
    """A figure that is no mean, by the percentiles of what it is on problems drawn anew. `figure` is given their indices."""
    chances = numpy.random.default_rng(0)
    found = [figure(chances.integers(problems, size=problems)) for _ in range(REDRAWS)]
    low, high = numpy.quantile(found, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Estimate(figure(numpy.arange(problems)), float(low), float(high))
