"""What a reader does with the page: opens it, sorts, filters, reads samples, by keys alone; dark, light and on paper.
Not here: whether numbers are right (`test_values.py`), strangers' text (`test_hostile.py`).
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from pathlib import Path
from typing import Any

import pytest

import assemble
import fixture
from chromium import Browser
from conftest import Reports

ROWS = "[...document.querySelectorAll('.problems tbody tr')].map((row) => row.dataset.task)"
FOCUSED_ROW = "document.activeElement.closest('tr')?.dataset.task"
SAMPLES = "document.querySelectorAll('dialog [role=option]').length"


@pytest.mark.parametrize("name", ["one", "two", "four", "hostile"])
def test_a_page_opens_quietly_and_fast(browser: Browser, reports: Reports, name: str) -> None:
    browser.open(reports.pages[name])
    ready_ms = browser.until("Number(document.querySelector('main').dataset.ready)")
    assert browser.console == []
    assert browser.requests == [reports.pages[name].as_uri()]
    assert ready_ms < 2000, "from the start of loading to charts drawn"


def test_a_page_without_samples_is_small(reports: Reports) -> None:
    assert reports.pages["four"].stat().st_size < 5_000_000


def test_a_problem_is_found_and_read_by_keys_alone(browser: Browser, reports: Reports) -> None:
    browser.open(reports.pages["two"])
    browser.keys("/", *"toy/2")
    assert browser.value(ROWS)[:3] == ["toy/2", "toy/20", "toy/21"]
    browser.keys("ArrowDown", "ArrowDown")
    assert browser.value(FOCUSED_ROW) == "toy/20"
    browser.keys("ArrowUp", "Enter")
    browser.until(SAMPLES)
    assert browser.value("document.querySelector('dialog h2').textContent") == "toy/2"
    assert browser.value("document.activeElement.textContent").startswith("base 0 ")
    browser.keys("ArrowDown")
    assert browser.value("document.querySelector('dialog .code').textContent") == "def f(x):\n    return 1\n"
    browser.keys("End")
    assert browser.value("document.querySelector('dialog h3').textContent").startswith("rl, sample 127")
    browser.keys("Escape")
    assert browser.value("document.querySelector('dialog')") is None
    assert browser.value(FOCUSED_ROW) == "toy/2", "focus goes back"
    browser.keys("Escape", "Escape")
    assert len(browser.value(ROWS)) == 50 and browser.value("document.activeElement.id") == "filter"
    assert browser.console == []


def test_arrows_and_page_keys_go_over_the_edges_of_pages(browser: Browser, reports: Reports) -> None:
    browser.open(reports.pages["four"])
    browser.keys("/", "ArrowDown", "End", "ArrowDown")
    assert browser.value(FOCUSED_ROW) == "toy/50"
    browser.keys("ArrowUp")
    assert browser.value(FOCUSED_ROW) == "toy/49"
    browser.keys("PageDown", "PageDown", "PageUp")
    assert browser.value(FOCUSED_ROW) == "toy/50"
    for _ in range(30):
        browser.keys("PageDown")
    browser.keys("End", "ArrowDown")
    assert browser.value(FOCUSED_ROW) == "toy/879"
    assert "851–880 of 880 problems" in browser.value("document.querySelector('#problems .said').textContent")


def test_filters_and_sorting_choose_the_right_rows(browser: Browser, reports: Reports) -> None:
    data = reports.data("two")
    pair = data["pairs"][0]
    browser.open(reports.pages["two"])
    browser.choose("#set", "base, not")
    assert sorted(browser.value(ROWS)) == sorted(member["task_id"] for member in pair["sets"]["only_a"]) != []
    browser.choose("#set", "no run")
    assert sorted(browser.value(ROWS)) == sorted(pair["sets"]["neither"]) != []
    browser.choose("#set", "any")
    browser.choose("#difficulty", "hard")
    hard = [row for row in data["table"] if row["difficulty"] == "hard"]
    assert browser.value(ROWS) == [row["task_id"] for row in hard]
    browser.value("document.querySelector('th[data-key=\"run 1\"] button').focus()")
    browser.keys("Enter")
    assert browser.value("document.querySelector('th[data-key=\"run 1\"]').getAttribute('aria-sort')") == "descending"
    rate = {row["task_id"]: row["passed"][1][0] for row in hard}
    assert [rate[task] for task in browser.value(ROWS)] == sorted(rate.values(), reverse=True)
    browser.keys("Enter")
    assert [rate[task] for task in browser.value(ROWS)] == sorted(rate.values())


def test_samples_are_filtered_by_verdict_and_show_the_failing_test(browser: Browser, reports: Reports) -> None:
    data = reports.data("two")
    browser.open(reports.pages["two"])
    browser.keys("/", *"toy/2", "ArrowDown", "Enter")
    browser.until(SAMPLES)
    listed = "read.texts('dialog [role=option]')"
    assert len(browser.value(listed)) == 256
    wrong = [s for run in fixture.samples_of(data, 2) for s in run if s["verdict"] == "wrong_answer"]
    browser.choose("#verdict", "wrong")
    assert len(browser.value(listed)) == len(wrong) and all("✗ wrong_answer" in text for text in browser.value(listed))
    parts = browser.value(
        "[...document.querySelectorAll('.failure h4')].map((title) => [title.textContent, title.nextSibling.textContent])"
    )
    assert parts == [["First failing test", "3"], ["Input", "[1, 2]"], ["Expected", "3"], ["Actual", "4"]]
    browser.choose("#sample-run", "rl")
    assert all(text.startswith("rl ") for text in browser.value(listed))


def test_samples_come_from_files_beside_the_page(browser: Browser, reports: Reports) -> None:
    browser.open(reports.pages["four"])
    browser.keys("/", *"toy/1", "ArrowDown", "Enter")
    browser.until(SAMPLES)
    assert browser.value("document.querySelectorAll('dialog [role=option]').length") == 4 * 256
    assert browser.requests[1:] == [(reports.folder / "report-samples" / "1.js").as_uri()]
    assert browser.console == []


def test_a_missing_file_and_missing_samples_are_said_plainly(browser: Browser, reports: Reports) -> None:
    browser.open(reports.pages["four"])
    browser.keys("/", *"toy/5", "ArrowDown", "Enter")
    said = browser.until("document.querySelector('dialog .error')?.textContent")
    assert said == "The samples cannot be shown: report-samples/5.js is not beside this page: keep the folder with it."
    browser.open(reports.pages["one"])
    browser.keys("/", "ArrowDown", "Enter")
    assert (
        browser.until("document.querySelector('dialog .error')?.textContent")
        == "The samples cannot be shown: this report was made without samples."
    )
    assert browser.console == []


def test_broken_samples_are_said_plainly(browser: Browser, reports: Reports, tmp_path: Path) -> None:
    data = reports.data("two")
    for number, broken in enumerate(["AAAA", base64.b64encode(b"no gzip at all").decode(), "%%%"]):
        page = tmp_path / f"{number}.html"
        page.write_text(assemble.page({**data, "samples": {"inline": {"toy/0": broken}}}), "utf-8")
        browser.open(page)
        browser.keys("/", "ArrowDown", "Enter")
        assert "cannot be shown" in browser.until("document.querySelector('dialog .error')?.textContent")
        assert browser.console == []


def test_problems_of_a_set_are_listed_with_their_chances(browser: Browser, reports: Reports) -> None:
    only = reports.data("two")["pairs"][0]["sets"]["only_a"]
    browser.open(reports.pages["two"])
    browser.value("document.querySelector('.set[data-set=only_a]').focus()")
    browser.keys("Enter")
    rows = browser.value(
        "[...document.querySelectorAll('.members tbody tr')].map((row) => [...row.cells].map((cell) => cell.textContent))"
    )
    assert [row[0] for row in rows] == [member["task_id"] for member in only]
    assert rows[0][1:] == ["128", "88\u00a0%", "28\u00a0%"], "0.999^128 and 0.99^128"
    assert browser.value("document.querySelector('.set[data-set=only_a]').getAttribute('aria-expanded')") == "true"
    browser.keys("Enter")
    assert browser.value("document.querySelector('.members').childElementCount") == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_both_themes_can_be_read(browser: Browser, reports: Reports, scheme: str) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    browser.open(reports.pages["four"], scheme=scheme)
    browser.value("localStorage.clear()")
    browser.open(reports.pages["four"], scheme=scheme)
    assert browser.read("faint") == []
    system = browser.value(ground)
    assert (system == "rgb(255, 255, 255)") == (scheme == "light")
    browser.value("document.querySelector('#theme').focus()")
    browser.keys("Enter")
    assert browser.value(ground) != system and browser.read("faint") == []
    browser.open(reports.pages["four"], scheme=scheme)
    assert browser.value(ground) != system, "the choice is kept"
    browser.value("localStorage.clear()")


def test_paper_shows_all_charts_and_no_controls(browser: Browser, reports: Reports) -> None:
    browser.open(reports.pages["four"], scheme="dark", media="print")
    assert browser.value("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert browser.read("visible", "figure svg") == 1 + 2 * 6 + 1 + 4 + 3 + 1 + 1
    assert browser.read("narrow", "figure svg") == 0
    controls = "input, select, label, #theme, .keys, dialog, button:not(.set):not(th button)"
    assert browser.read("visible", controls) == 0
    pdf = base64.b64decode(browser.call("Page.printToPDF", printBackground=True)["data"])
    assert pdf.startswith(b"%PDF") and len(pdf) > 50_000
    browser.look("light", "screen")
    assert browser.read("visible", "figure svg") == 1 + 2 + 1 + 4 + 3 + 1 + 1, "a screen shows the chosen pair"


def test_a_chart_is_saved_as_a_file_of_its_own(browser: Browser, reports: Reports, tmp_path: Path) -> None:
    browser.open(reports.pages["two"], scheme="dark")
    browser.call("Page.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    points = len(browser.read("marks", "#coverage .points > *"))
    browser.value("document.querySelector('#coverage input[value=problems]').focus()")
    browser.keys(" ")
    browser.value("document.querySelector('#coverage .save').focus()")
    browser.keys("Enter")
    saved = tmp_path / "coverage.svg"
    for _ in range(200):
        if saved.exists() and saved.read_text().endswith("</svg>"):
            break
        time.sleep(0.02)
    assert browser.console == []
    assert "var(--run" not in saved.read_text() and "var(--paper" not in saved.read_text()
    browser.navigate(saved.as_uri(), "document.readyState === 'complete' && document.documentElement.tagName === 'svg'")
    assert len(browser.read("marks", ".points > *")) == points
    assert browser.read("visible", ".band-problems") > 0 and browser.value("document.querySelector('.band-samples')") is None
    assert browser.value("getComputedStyle(document.querySelector('.line')).stroke") == "rgb(86, 180, 233)"
    assert browser.console == []


def sparse() -> dict[str, Any]:
    """Published curves: k and value, and nothing else."""
    curve = [{"k": k, "value": 0.1 * k**0.3, "problems": None, "samples": None} for k in (1, 8, 100)]
    nothing = dict.fromkeys(["step", "model", "samples", "solved", "infra_errors", "extrapolated", "histogram", "perplexity"])
    run = {"name": "paper", "curve": curve, "manifest": {}, "groups": {}, **nothing}
    pair = {"a": "paper", "b": "other", "problems": None, "sets": None, "gap": {"k": 100, "value": 0.2, "interval": None},
            "difference": [{"k": k, "value": 0.0, "problems": None, "samples": None, "ahead": None} for k in (1, 8, 100)],
            "crossing": {"k": None, "from_the_start": False, "interval": None, "text": "never"}}  # fmt: skip
    return {"format": 1, "title": "curves", "dataset": None, "semantics": None, "problems": None, "remarks": [], "method": {},
            "runs": [run, {**run, "name": "other"}], "pairs": [pair], "series": None, "table": [], "samples": None}  # fmt: skip


def test_curves_alone_make_a_page(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "curves.html"
    page.write_text(assemble.page(sparse()), "utf-8")
    browser.open(page)
    assert browser.console == []
    assert browser.value("[...document.querySelectorAll('figure')].map((figure) => figure.id)") == [
        "coverage",
        "difference-0",
        "gap",
    ]
    assert "NaN" not in browser.value("document.querySelector('main').innerHTML") and "undefined" not in browser.value(
        "document.querySelector('main').textContent"
    )


def test_one_sample_a_problem_and_no_success_make_a_page(browser: Browser, tmp_path: Path) -> None:
    data = fixture.compare(2, 5, 1)
    for run in data["runs"]:
        run["curve"] = [{"k": 1, "value": 0.0, "problems": [0.0, 0.0], "samples": [0.0, 0.0]}]
        run["extrapolated"] = {"refused": "no success"}
    page = tmp_path / "none.html"
    page.write_text(assemble.page(data), "utf-8")
    browser.open(page)
    assert browser.console == []
    assert "NaN" not in browser.value("document.querySelector('main').innerHTML")


def test_another_format_is_refused_plainly(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "format.html"
    page.write_text(assemble.page({**sparse(), "format": 2}), "utf-8")
    browser.open(page)
    assert (
        browser.value("document.querySelector('main').textContent")
        == "This page reads reports of format 1, and these data say format 2."
    )


def test_the_same_data_make_the_same_page(reports: Reports) -> None:
    data = reports.data("two")
    assert assemble.page(data) == assemble.page(json.loads(json.dumps(data))) == reports.pages["two"].read_text("utf-8")


def test_long_names_of_checkpoints_are_told_apart_in_charts(browser: Browser, tmp_path: Path) -> None:
    text = json.dumps(fixture.compare(2, 5, 4))
    for name, step in [("base", "0040"), ("rl", "0320")]:
        text = text.replace(f'"{name}"', f'"Qwen2.5-Math-7B-step-{step}-of-a-long-run"')
    page = tmp_path / "long.html"
    page.write_text(assemble.page(json.loads(text)), "utf-8")
    browser.open(page)
    assert browser.read("texts", "#coverage .end-label") == ["…0040…", "…0320…"]


def test_libraries_are_those_of_the_readme() -> None:
    vendor = assemble.HERE / "vendor"
    readme = (vendor / "README.md").read_text("utf-8")
    for library in assemble.VENDOR:
        assert hashlib.sha256((assemble.HERE / library).read_bytes()).hexdigest() in readme
