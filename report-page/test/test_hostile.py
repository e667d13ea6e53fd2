"""Strangers' text stays text: candidates, outputs and names that try to run, to end elements or to hide.
Not here: the page in ordinary use (`test_use.py`).
"""

from __future__ import annotations

from pathlib import Path

import assemble
import fixture
from chromium import Browser
from conftest import Reports

# What the page shows for a text whose unseen characters are written by number.
SHOWN = "".join(
    f"U+{ord(c):04X}" if c in "\u2028\u202e\ud800\udfff\0\a\r" else c for c in fixture.HOSTILE
)  # fmt: skip


def nothing_ran(browser: Browser) -> None:
    browser.value("new Promise((resolve) => setTimeout(resolve, 50))")
    assert browser.value("window.owned") is None
    assert browser.console == []


def open_first(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.keys("/", "ArrowDown", "Enter")
    browser.until("document.querySelectorAll('dialog [role=option]').length")


def test_a_hostile_candidate_shows_as_text(browser: Browser, reports: Reports) -> None:
    for name in ["two", "four"]:
        open_first(browser, reports.pages[name])
        assert browser.value("document.querySelector('dialog .code').textContent") == SHOWN
        assert browser.read("texts", ".failure pre") == [
            SHOWN,
            SHOWN,
            "</pre><b>bold</b>",
            SHOWN,
            SHOWN,
        ]
        assert browser.value("document.querySelectorAll('dialog :is(script, img, b, svg)').length") == 0
        assert "✗ forged?" in browser.value("document.querySelector('dialog h3').textContent")
        nothing_ran(browser)


def test_text_that_turns_its_direction_stays_in_place(browser: Browser, reports: Reports) -> None:
    open_first(browser, reports.pages["two"])
    assert browser.value("getComputedStyle(document.querySelector('dialog .code')).unicodeBidi") == "isolate"
    assert "\u202e" not in browser.value("document.querySelector('dialog').textContent")


def test_a_very_long_line_is_cut_until_asked_for(browser: Browser, reports: Reports) -> None:
    open_first(browser, reports.pages["two"])
    browser.key("ArrowDown")
    code = "document.querySelector('dialog .code').textContent.length"
    assert browser.value(code) == 20_000
    assert browser.value("document.querySelector('dialog .more').textContent") == "Show 180,000 more characters"
    assert browser.value("document.documentElement.scrollWidth <= innerWidth"), "the page does not grow sideways"
    browser.value("document.querySelector('dialog .more').focus()")
    browser.key("Enter")
    assert browser.value(code) == 200_000


def test_hostile_names_show_as_text(browser: Browser, reports: Reports) -> None:
    browser.open(reports.pages["hostile"])
    assert browser.value("document.querySelector('h1').textContent") == "<script>window.owned=7</script>"
    assert browser.value("document.querySelector('#remarks').textContent") == "<b>no</b> </script>"
    assert "</script><img src=x onerror='window.owned=5'>" in browser.value("document.querySelector('#summary').textContent")
    assert "toy/1<script>window.owned=6</script>U+202E" in browser.value("document.querySelector('.problems').textContent")
    assert browser.value("document.querySelectorAll('main :is(script, img)').length") == 0
    nothing_ran(browser)


def test_the_data_end_no_script_element_and_fill_no_placeholder(reports: Reports) -> None:
    page = reports.pages["hostile"].read_text("utf-8")
    assert page.count("</script") == 3
    data = {**reports.data("two"), "title": "{{data}} /*{{css}}*/ /*{{page}}*/ <!--"}
    assert '"title":"{{data}} /*{{css}}*/ /*{{page}}*/ \\u003c!--"' in assemble.page(data)


def test_the_policy_holds_even_for_markup_that_gets_in(browser: Browser, reports: Reports) -> None:
    browser.open(reports.pages["two"])
    for act in [
        "document.body.innerHTML = '<img src=x onerror=owned=1>'",
        "document.createElement('script').src = 'https://example.invalid/x.js'",
        "trustedTypes.createPolicy('mine', {})",
        "await fetch('https://example.invalid/')",
    ]:
        assert browser.value(f"read.refusal(async () => {{ {act} }})") == "TypeError", act
    assert browser.read("image", "https://example.invalid/x.png") == "refused"
    assert browser.requests == [reports.pages["two"].as_uri()], "none was sent"


def test_samples_are_loaded_from_plain_folders_only(browser: Browser, reports: Reports, tmp_path: Path) -> None:
    for number, folder in enumerate(
        ["https://example.invalid", "..", "../other", "javascript:window.owned=1//", "//example.invalid/a"]
    ):
        page = tmp_path / f"{number}.html"
        page.write_text(assemble.page({**reports.data("two"), "samples": {"files": folder, "index": {"toy/0": 0}}}), "utf-8")
        browser.open(page)
        browser.keys("/", "ArrowDown", "Enter")
        assert "not a file of samples" in browser.until("document.querySelector('dialog .error')?.textContent")
        assert browser.requests == [page.as_uri()]
        nothing_ran(browser)
