"""The charts show the numbers of the data: values and positions of marks, read back from the page.
Not here: what a reader does with the page (`test_use.py`), strangers' text (`test_hostile.py`).
"""

from __future__ import annotations

import json
import re

import pytest

from chromium import Browser
from conftest import Reports

ALL = ["one", "two", "four"]


def numbers(text: str | None) -> list[float] | None:
    return None if text is None else [float(part) for part in text.split(",")]


def line_through(points: list[tuple[float, float]]) -> tuple[float, float]:
    """Slope and offset of a line through the outer two of points `(value, pixel)`."""
    (v0, p0), (v1, p1) = min(points), max(points)
    slope = (p1 - p0) / (v1 - v0)
    return slope, p0 - slope * v0


def axis(browser: Browser, figure: str) -> tuple[float, float]:
    """The y axis as it is labelled: pixels per value, and the pixel of zero."""
    return line_through([(tick["value"], tick["y"]) for tick in browser.read("ticks", figure)])


@pytest.mark.parametrize("name", ALL)
def test_coverage_is_that_of_the_data(browser: Browser, reports: Reports, name: str) -> None:
    data = reports.data(name)
    browser.open(reports.pages[name])
    shown = {(mark["run"], int(mark["k"])): mark for mark in browser.read("marks", "#coverage .points > *")}
    expected = {(run["name"], point["k"]): point for run in data["runs"] for point in run["curve"]}
    assert shown.keys() == expected.keys()
    slope, zero = axis(browser, "#coverage")
    for key, point in expected.items():
        mark = shown[key]
        assert float(mark["value"]) == point["value"]
        assert numbers(mark["problems"]) == point["problems"] and numbers(mark["samples"]) == point["samples"]
        assert abs(mark["at_y"] - (zero + slope * point["value"])) < 0.6
    lines = {line["run"]: line["points"] for line in browser.read("paths", "#coverage .line")}
    for run in data["runs"]:
        places = [[shown[run["name"], point["k"]][at] for at in ("at_x", "at_y")] for point in run["curve"]]
        assert [part for step in lines[run["name"]] for part in step] == pytest.approx(sum(places, []), abs=0.6)
    # One pixel a value, one place a k: the same for all runs, and log k.
    places = {k: {round(mark["at_x"], 2) for (_, other), mark in shown.items() if other == k} for _, k in shown}
    assert all(len(place) == 1 for place in places.values())
    if {1, 2, 4, 8} <= places.keys():
        x1, x2, x4, x8 = (places[k].copy().pop() for k in (1, 2, 4, 8))
        assert abs((x2 - x1) - (x4 - x2)) < 0.05 and abs((x4 - x2) - (x8 - x4)) < 0.05


@pytest.mark.parametrize("name", ALL)
def test_bands_are_where_the_intervals_are(browser: Browser, reports: Reports, name: str) -> None:
    data = reports.data(name)
    browser.open(reports.pages[name])
    slope, zero = axis(browser, "#coverage")
    for over in ["problems", "samples"]:
        bands = {band["run"]: band["points"] for band in browser.read("paths", f"#coverage .band-{over}:not(.band-beyond)")}
        assert bands.keys() == {run["name"] for run in data["runs"]}
        for run in data["runs"]:
            curve = run["curve"]
            points = bands[run["name"]]
            ends = [point[over][1] for point in curve] + [point[over][0] for point in reversed(curve)]
            assert len(points) == len(ends)
            assert all(abs(y - (zero + slope * end)) < 0.6 for (_, y), end in zip(points, ends))


@pytest.mark.parametrize("name", ALL)
def test_extrapolation_is_that_of_the_data_or_its_refusal(browser: Browser, reports: Reports, name: str) -> None:
    data = reports.data(name)
    browser.open(reports.pages[name])
    shown = {(mark["run"], int(mark["k"])): float(mark["value"]) for mark in browser.read("marks", "#coverage .beyond-points > *")}
    assert shown == {
        (run["name"], point["k"]): point["value"] for run in data["runs"] for point in run["extrapolated"].get("points", [])
    }
    [text] = browser.read("texts", "#coverage")
    for run in data["runs"]:
        if "refused" in run["extrapolated"]:
            assert f"{run['name']}: not extrapolated, {run['extrapolated']['refused']}" in text


@pytest.mark.parametrize("name", ["two", "four"])
def test_differences_and_crossings_are_those_of_the_data(browser: Browser, reports: Reports, name: str) -> None:
    data = reports.data(name)
    browser.open(reports.pages[name])
    for index, pair in enumerate(data["pairs"]):
        if index:
            browser.choose("#pair", f"{pair['a']} with {pair['b']}")
        figure = f"#difference-{index}"
        shown = {int(mark["k"]): mark for mark in browser.read("marks", f"{figure} .points > *")}
        assert shown.keys() == {point["k"] for point in pair["difference"]}
        slope, zero = axis(browser, figure)
        for point in pair["difference"]:
            mark = shown[point["k"]]
            assert (float(mark["value"]), mark.get("ahead")) == (point["value"], point["ahead"])
            assert numbers(mark["problems"]) == point["problems"]
            assert abs(mark["at_y"] - (zero + slope * point["value"])) < 0.6
        crossing = pair["crossing"]
        assert [f"crossing: {crossing['text']}"] == browser.read("texts", f"{figure} .crossing-text")
        rules = browser.read("marks", f"{figure} .crossing")
        if crossing["k"] is None:
            assert rules == []
        else:
            assert int(rules[0]["k"]) == crossing["k"] and abs(rules[0]["x"] - shown[crossing["k"]]["at_x"]) < 0.6
        first, last = crossing["interval"]["from"], crossing["interval"]["to"]
        grounds = browser.read("marks", f"{figure} .crossing-interval")
        if first is None:
            assert grounds == []
            continue
        [within] = grounds
        assert (int(within["from"]), within["to"]) == (first, str(last or "never"))
        # "Never" is as far as the chart goes.
        edges = [shown[first]["at_x"], shown[last or max(shown)]["at_x"]]
        assert [within["x"], within["x"] + within["width"]] == pytest.approx(edges, abs=0.6)


@pytest.mark.parametrize("name", ["two", "four"])
def test_sets_and_gaps_are_those_of_the_data(browser: Browser, reports: Reports, name: str) -> None:
    data = reports.data(name)
    browser.open(reports.pages[name])
    for index, pair in enumerate(data["pairs"]):
        sizes = {name: len(ids) for name, ids in pair["sets"].items()}
        if index:
            browser.choose("#pair", f"{pair['a']} with {pair['b']}")
        bars = browser.read("marks", f"#sets-{index} .set-bars > *")
        assert {bar["set"]: int(bar["value"]) for bar in bars} == {name: size for name, size in sizes.items() if size}
        # The bars' edges take a pixel each.
        whole = sum(bar["width"] for bar in bars)
        assert all(abs(bar["width"] / whole - sizes[bar["set"]] / sum(sizes.values())) < 0.004 for bar in bars)
        share = 100 * sizes["only_a"] / sum(sizes.values())
        assert browser.read("texts", f"#sets-{index} .set")[1] == f"only {pair['a']}: {sizes['only_a']} ({share:.1f}\u00a0%)"
    gaps = {
        (mark["a"], mark["b"]): (float(mark["value"]), numbers(mark["interval"]))
        for mark in browser.read("marks", "#gap .points > *")
    }
    assert gaps == {(pair["a"], pair["b"]): (pair["gap"]["value"], pair["gap"]["interval"]) for pair in data["pairs"]}


@pytest.mark.parametrize("name", ALL)
def test_histograms_are_those_of_the_data_and_of_a_group(browser: Browser, reports: Reports, name: str) -> None:
    data = reports.data(name)
    browser.open(reports.pages[name])

    def shown() -> dict[str, list[int]]:
        bars: dict[str, list[int]] = {}
        unit: set[float] = set()
        for mark in browser.read("marks", ".bins > *"):
            bars.setdefault(mark["run"], []).append(int(mark["value"]))
            if mark["value"] != "0":
                unit.add(round(mark["height"] / int(mark["value"]), 1))
        assert max(unit) - min(unit) <= 0.2, "all histograms have one scale"
        return bars

    assert shown() == {run["name"]: [bin_["problems"] for bin_ in run["histogram"]] for run in data["runs"]}
    browser.choose("#histogram-of", "difficulty: hard")
    hard = {run["name"]: next(group for group in run["groups"]["difficulty"] if group["name"] == "hard") for run in data["runs"]}
    assert shown() == {name: [bin_["problems"] for bin_ in group["histogram"]] for name, group in hard.items()}


@pytest.mark.parametrize("name", ALL)
def test_groups_series_and_perplexities_are_those_of_the_data(browser: Browser, reports: Reports, name: str) -> None:
    data = reports.data(name)
    browser.open(reports.pages[name])
    for key in ["difficulty", "platform", "month"]:
        shown = {
            (mark["run"], mark["group"], mark["end"]): float(mark["value"])
            for mark in browser.read("marks", f"#group-{key} .points > *")
        }
        expected = {}
        for run in data["runs"]:
            for group in run["groups"][key]:
                expected[run["name"], group["name"], "first"] = group["pass_at_1"]
                expected[run["name"], group["name"], "last"] = group["pass_at_n"]
        assert shown == expected
    boxes = {mark["run"]: json.loads(mark["quantiles"]) for mark in browser.read("marks", "#perplexity .boxes > *")}
    assert boxes == {run["name"]: run["perplexity"]["quantiles"] for run in data["runs"]}
    curves = {run["name"]: run["curve"] for run in data["runs"]}
    steps = {(mark["line"], int(mark["step"])): float(mark["value"]) for mark in browser.read("marks", "#series .points > *")}
    expected = {}
    for point in data["series"] or []:
        expected["pass@1", point["step"]] = curves[point["run"]][0]["value"]
        expected["pass@n", point["step"]] = curves[point["run"]][-1]["value"]
    assert steps == expected


@pytest.mark.parametrize("name", ALL)
def test_tables_say_the_same(browser: Browser, reports: Reports, name: str) -> None:
    data = reports.data(name)
    browser.open(reports.pages[name])
    summary = browser.read("texts", "#summary tbody tr")
    for run, row in zip(data["runs"], summary, strict=True):
        first = run["curve"][0]
        shown = [float(part) for part in re.search(r"([\d.]+)\u00a0% \[([\d.]+), ([\d.]+)\]", row).groups()]
        assert [value / 100 for value in shown] == pytest.approx([first["value"], *first["problems"]], abs=0.000501)
    cells = browser.read("cells", "#coverage .numbers")
    by_k = {int(row[0]): row[1:] for row in cells}
    for index, run in enumerate(data["runs"]):
        for point in run["curve"]:
            # A tie may be rounded either way.
            assert abs(float(by_k[point["k"]][index].split("\u00a0")[0]) - 100 * point["value"]) < 0.0501
    # Every chart has words for those who do not see it, and its numbers as a table.
    assert browser.read("mute") == []
