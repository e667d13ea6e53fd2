"""The charts show the numbers of the data: values and positions of marks, read back from the page.
Not here: what a reader does with the page (`test_use.py`), strangers' text (`test_hostile.py`).
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from chromium import Browser
from conftest import Reports

ALL = ["one", "two", "four"]

# Every mark of a group with its data attributes, and where its centre is.
MARKS = """(selector) => [...document.querySelectorAll(selector)].map((mark) => {
  const box = mark.getBBox();
  const moved = mark.transform.baseVal.consolidate()?.matrix;
  return {...mark.dataset, x: box.x + box.width / 2 + (moved?.e ?? 0), y: box.y + box.height / 2 + (moved?.f ?? 0),
          at_x: moved?.e ?? Number(mark.getAttribute("cx")), at_y: moved?.f ?? Number(mark.getAttribute("cy")), width: box.width, height: box.height};
})"""
# The numbers of a mark's path: `Mx,yLx,y...`.
PATHS = """(selector) => [...document.querySelectorAll(selector)].map((group) => ({...group.dataset,
  points: group.querySelector("path").getAttribute("d").slice(1, -1).split(/[LM]/).map((pair) => pair.replace("Z", "").split(",").map(Number))}))"""
TICKS = """(figure) => [...document.querySelectorAll(`${figure} [aria-label="y-axis tick label"] text`)].map((text) => ({
  value: Number(text.textContent.replace("\\u2212", "-")) / 100, y: text.transform.baseVal.consolidate().matrix.f}))"""


def marks(browser: Browser, selector: str) -> list[dict[str, Any]]:
    return browser.value(f"({MARKS})({json.dumps(selector)})")


def numbers(text: str | None) -> list[float] | None:
    return None if text is None else [float(part) for part in text.split(",")]


def line_through(points: list[tuple[float, float]]) -> tuple[float, float]:
    """Slope and offset of a line through the outer two of points `(value, pixel)`."""
    (v0, p0), (v1, p1) = min(points), max(points)
    slope = (p1 - p0) / (v1 - v0)
    return slope, p0 - slope * v0


def axis(browser: Browser, figure: str) -> tuple[float, float]:
    """The y axis as it is labelled: pixels per value, and the pixel of zero."""
    return line_through([(tick["value"], tick["y"]) for tick in browser.value(f"({TICKS})({json.dumps(figure)})")])


@pytest.mark.parametrize("name", ALL)
def test_coverage_is_that_of_the_data(browser: Browser, reports: Reports, name: str) -> None:
    data = reports.data(name)
    browser.open(reports.pages[name])
    shown = {(mark["run"], int(mark["k"])): mark for mark in marks(browser, "#coverage .points > *")}
    expected = {(run["name"], point["k"]): point for run in data["runs"] for point in run["curve"]}
    assert shown.keys() == expected.keys()
    slope, zero = axis(browser, "#coverage")
    for key, point in expected.items():
        mark = shown[key]
        assert float(mark["value"]) == point["value"]
        assert numbers(mark["problems"]) == point["problems"] and numbers(mark["samples"]) == point["samples"]
        assert abs(mark["at_y"] - (zero + slope * point["value"])) < 0.6
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
        bands = {band["run"]: band["points"] for band in browser.value(f"({PATHS})('#coverage .band-{over}:not(.band-beyond)')")}
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
    shown = {(mark["run"], int(mark["k"])): float(mark["value"]) for mark in marks(browser, "#coverage .beyond-points > *")}
    assert shown == {(run["name"], point["k"]): point["value"] for run in data["runs"] for point in run["extrapolated"].get("points", [])}
    text = browser.value("document.querySelector('#coverage').textContent")
    for run in data["runs"]:
        if "refused" in run["extrapolated"]:
            assert f"{run['name']}: not extrapolated, {run['extrapolated']['refused']}" in text


@pytest.mark.parametrize("name", ["two", "four"])
def test_differences_and_crossings_are_those_of_the_data(browser: Browser, reports: Reports, name: str) -> None:
    data = reports.data(name)
    browser.open(reports.pages[name])
    for index, pair in enumerate(data["pairs"]):
        if index:
            browser.value(f"document.querySelector('#pair').selectedIndex = {index}; document.querySelector('#pair').dispatchEvent(new Event('change'))")
        figure = f"#difference-{index}"
        shown = {int(mark["k"]): mark for mark in marks(browser, f"{figure} .points > *")}
        assert shown.keys() == {point["k"] for point in pair["difference"]}
        slope, zero = axis(browser, figure)
        for point in pair["difference"]:
            mark = shown[point["k"]]
            assert (float(mark["value"]), mark.get("ahead")) == (point["value"], point["ahead"])
            assert numbers(mark["problems"]) == point["problems"]
            assert abs(mark["at_y"] - (zero + slope * point["value"])) < 0.6
        crossing = pair["crossing"]
        assert crossing["text"] in browser.value(f"document.querySelector('{figure} .crossing-text').textContent")
        where = browser.value(f"({{...document.querySelector('{figure} .crossing')?.dataset, x: Number(document.querySelector('{figure} .crossing line')?.getAttribute('x1'))}})")
        if crossing["k"] is None:
            assert "k" not in where
        else:
            assert int(where["k"]) == crossing["k"] and abs(where["x"] - shown[crossing["k"]]["at_x"]) < 0.6
        if crossing["interval"]["from"] is not None:
            within = browser.value(f"({{...document.querySelector('{figure} .crossing-interval').dataset, ...document.querySelector('{figure} .crossing-interval > *').getBBox().toJSON?.()}})")
            assert (int(within["from"]), within["to"]) == (crossing["interval"]["from"], str(crossing["interval"]["to"] or "never"))


@pytest.mark.parametrize("name", ["two", "four"])
def test_sets_and_gaps_are_those_of_the_data(browser: Browser, reports: Reports, name: str) -> None:
    data = reports.data(name)
    browser.open(reports.pages[name])
    for index, pair in enumerate(data["pairs"]):
        sizes = {name: len(ids) for name, ids in pair["sets"].items()}
        shown = browser.value(f"[...document.querySelectorAll('#sets-{index} .set-bars > *')].map((bar) => [bar.dataset.set, Number(bar.dataset.value), Number(bar.getAttribute('width'))])")
        assert {set_: size for set_, size, _ in shown} == {set_: size for set_, size in sizes.items() if size}
        # The bars' edges take a pixel each.
        whole = sum(width for *_, width in shown)
        assert all(abs(width / whole - size / sum(sizes.values())) < 0.004 for _, size, width in shown)
        buttons = browser.value(f"[...document.querySelectorAll('#sets-{index} .set')].map((button) => button.textContent)")
        assert buttons[1] == f"only {pair['a']}: {sizes['only_a']} ({100 * sizes['only_a'] / sum(sizes.values()):.1f}\u00a0%)"
    gaps = {(mark["a"], mark["b"]): (float(mark["value"]), numbers(mark["interval"])) for mark in marks(browser, "#gap .points > *")}
    assert gaps == {(pair["a"], pair["b"]): (pair["gap"]["value"], pair["gap"]["interval"]) for pair in data["pairs"]}


@pytest.mark.parametrize("name", ALL)
def test_histograms_are_those_of_the_data_and_of_a_group(browser: Browser, reports: Reports, name: str) -> None:
    data = reports.data(name)
    browser.open(reports.pages[name])

    def shown() -> dict[str, list[int]]:
        bars: dict[str, list[int]] = {}
        unit: set[float] = set()
        for mark in marks(browser, ".bins > *"):
            bars.setdefault(mark["run"], []).append(int(mark["value"]))
            if mark["value"] != "0":
                unit.add(round(mark["height"] / int(mark["value"]), 1))
        assert max(unit) - min(unit) <= 0.2, "all histograms have one scale"
        return bars

    assert shown() == {run["name"]: [bin_["problems"] for bin_ in run["histogram"]] for run in data["runs"]}
    browser.value("(() => { const s = document.querySelector('#histogram-of'); s.selectedIndex = [...s.options].findIndex((o) => o.text === 'difficulty: hard'); s.dispatchEvent(new Event('change')); })()")
    hard = {run["name"]: next(group for group in run["groups"]["difficulty"] if group["name"] == "hard") for run in data["runs"]}
    assert shown() == {name: [bin_["problems"] for bin_ in group["histogram"]] for name, group in hard.items()}


@pytest.mark.parametrize("name", ALL)
def test_groups_series_and_perplexities_are_those_of_the_data(browser: Browser, reports: Reports, name: str) -> None:
    data = reports.data(name)
    browser.open(reports.pages[name])
    for key in ["difficulty", "platform", "month"]:
        shown = {(mark["run"], mark["group"], mark["end"]): float(mark["value"]) for mark in marks(browser, f"#group-{key} .points > *")}
        expected = {}
        for run in data["runs"]:
            for group in run["groups"][key]:
                expected[run["name"], group["name"], "first"] = group["pass_at_1"]
                expected[run["name"], group["name"], "last"] = group["pass_at_n"]
        assert shown == expected
    boxes = {mark["run"]: json.loads(mark["quantiles"]) for mark in marks(browser, "#perplexity .boxes > *")}
    assert boxes == {run["name"]: run["perplexity"]["quantiles"] for run in data["runs"]}
    curves = {run["name"]: run["curve"] for run in data["runs"]}
    steps = {(mark["line"], int(mark["step"])): float(mark["value"]) for mark in marks(browser, "#series .points > *")}
    expected = {}
    for point in data["series"] or []:
        expected["pass@1", point["step"]] = curves[point["run"]][0]["value"]
        expected["pass@n", point["step"]] = curves[point["run"]][-1]["value"]
    assert steps == expected


@pytest.mark.parametrize("name", ALL)
def test_tables_say_the_same(browser: Browser, reports: Reports, name: str) -> None:
    data = reports.data(name)
    browser.open(reports.pages[name])
    summary = browser.value("[...document.querySelectorAll('#summary tbody tr')].map((row) => row.textContent)")
    for run, row in zip(data["runs"], summary, strict=True):
        first = run["curve"][0]
        shown = [float(part) for part in re.search(r"([\d.]+)\u00a0% \[([\d.]+), ([\d.]+)\]", row).groups()]
        assert [value / 100 for value in shown] == pytest.approx([first["value"], *first["problems"]], abs=0.000501)
    cells = browser.value("[...document.querySelectorAll('#coverage .numbers tbody tr')].map((row) => [...row.cells].map((cell) => cell.textContent))")
    by_k = {int(row[0]): row[1:] for row in cells}
    for index, run in enumerate(data["runs"]):
        for point in run["curve"]:
            # A tie may be rounded either way.
            assert abs(float(by_k[point["k"]][index].split("\u00a0")[0]) - 100 * point["value"]) < 0.0501
    # Every chart has words for those who do not see it, and its numbers as a table.
    bare = browser.value("[...document.querySelectorAll('figure')].filter((f) => !f.querySelector('svg[role=img]')?.getAttribute('aria-label') || !f.querySelector('.numbers td')).map((f) => f.id)")
    assert bare == []
