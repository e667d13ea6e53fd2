"""pass@k and its intervals, held against exact arithmetic and known truths."""

from fractions import Fraction
from math import comb

import numpy
import pytest

from statistics_of_runs import over_problems_and_bases, pass_at, redrawn, share_of_problems


@pytest.mark.parametrize("samples", [1, 7, 256])
def test_pass_at_k_is_that_of_exact_rationals(samples: int) -> None:
    for k in {1, samples // 2 + 1, samples}:
        exact = [float(1 - Fraction(comb(samples - passed, k), comb(samples, k))) for passed in range(samples + 1)]
        assert numpy.allclose(pass_at(k, numpy.arange(samples + 1), samples), exact, atol=1e-10)


def test_intervals_over_problems_and_bases_hold_the_truth_in_at_least_95_of_100() -> None:
    chances, truth, held = numpy.random.default_rng(7), 0.1, 0
    for _ in range(1_000):
        bases, problems = chances.normal(0, 0.03, (3, 1)), chances.normal(0, 0.2, (1, 100))
        estimate = over_problems_and_bases(truth + bases + problems + chances.normal(0, 0.2, (3, 100)))
        held += estimate.low <= truth <= estimate.high
    assert held >= 940, "940 of 1,000 are two standard deviations below 95 %"


def test_one_base_is_measured_over_problems_alone() -> None:
    values = numpy.array([[0.0, 1.0, 1.0, 0.0]])
    estimate = over_problems_and_bases(values)
    # Student's quantile for three degrees of freedom, times the standard error.
    assert estimate.value == 0.5 and estimate.high - 0.5 == pytest.approx(3.18245 * (1 / 3) ** 0.5 / 2, abs=1e-4)


def test_what_never_differs_has_no_width() -> None:
    estimate = over_problems_and_bases(numpy.full((3, 5), 0.25))
    assert (estimate.low, estimate.value, estimate.high) == (0.25, 0.25, 0.25)


def test_a_share_of_nothing_seen_may_yet_be_something() -> None:
    estimate = share_of_problems(numpy.zeros((3, 200)))
    # Wilson's upper end: z^2 / (n + z^2).
    assert (estimate.value, estimate.low) == (0.0, 0.0) and estimate.high == pytest.approx(3.8415 / 203.8415, abs=1e-4)
    all_of_it = share_of_problems(numpy.ones((1, 200)))
    assert all_of_it.low == pytest.approx(1 - 3.8415 / 203.8415, abs=1e-4) and all_of_it.high == 1.0


def test_a_figure_is_redrawn_over_problems() -> None:
    values = numpy.random.default_rng(1).normal(3, 1, 400)
    estimate = redrawn(lambda problems: float(values[problems].mean()), 400)
    assert estimate.value == pytest.approx(values.mean()) and estimate.high - estimate.low == pytest.approx(
        2 * 1.96 * values.std() / 20, rel=0.05
    )
