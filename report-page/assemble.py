#!/usr/bin/env python3
"""Assembles a report page as trialbox does: page.html with its style, libraries, scripts and one compare.json put in.
Not here: what the page shows (`js/`), and the data (`test/fixture.py` makes some).
In: a compare.json. Out: one HTML file. The program that ships does the same; this is for work on the page and its tests.
"""

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent

# d3 before Plot, which needs it.
VENDOR = ["vendor/d3.min.js", "vendor/plot.min.js"]
# One scope: functions may be used before the file that has them, constants not; page.js starts it all and comes last.
PAGE = [
    "js/text.js", "js/data.js", "js/chart.js", "js/save.js", "js/curves.js", "js/pairs.js", "js/sets.js", "js/gap.js",
    "js/accuracy.js", "js/groups.js", "js/training.js", "js/table.js", "js/samples.js", "js/manifest.js", "js/page.js",
]  # fmt: skip


def read(paths: list[str]) -> str:
    return "\n".join((HERE / path).read_text("utf-8") for path in paths)


def data_json(data: object) -> str:
    """JSON that cannot end its script element: `<` is in strings only, where its escape means the same."""
    return json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")


def page(data: object) -> str:
    """Each placeholder stands once in page.html. Data goes in last, so that a placeholder in it stays text."""
    html = (HERE / "page.html").read_text("utf-8")
    for placeholder, text in [
        ("/*{{css}}*/", read(["page.css"])),
        ("/*{{vendor}}*/", read(VENDOR)),
        ("/*{{page}}*/", read(PAGE)),
        ("{{data}}", data_json(data)),
    ]:
        before, after = html.split(placeholder)
        html = before + text + after
    return html


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: assemble.py compare.json page.html")
    Path(sys.argv[2]).write_text(page(json.loads(Path(sys.argv[1]).read_text("utf-8"))), "utf-8")
