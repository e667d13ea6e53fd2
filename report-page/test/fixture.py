#!/usr/bin/env python3
"""Makes compare.json files of invented runs, the same for the same arguments, and pages of them.
Not here: the tests that read them (`test_page.py`). The intervals are of the right shape, not of the right method.
In: numbers of runs, problems and samples. Out: a report and its samples. `fixture.py DIR` writes pages to look at.
"""

from __future__ import annotations

import base64
import gzip
import json
import math
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import assemble  # noqa: E402

NAMES = ["base", "rl", "rl-late", "distilled"]
MONTHS = [f"{2023 + (m + 4) // 12}-{(m + 4) % 12 + 1:02}" for m in range(21)]

# A candidate that tries to be more than text. Lone surrogates are written as JSON escapes.
HOSTILE = "\n".join(
    [
        "<script>window.owned = 1</script>",
        "</script><script>window.owned = 2</script>",
        "<img src=x onerror='window.owned = 3'>",
        "]]> <!-- --> <svg onload=window.owned=4> {{data}} /*{{page}}*/ &lt; &amp;",
        "line\u2028separator, right\u202eleft, lone \ud800 and \udfff, nul \0 bell \a return \r end",
    ]
)
LONG_LINE = "x" * 200_000


def pass_at_k(passed: int, n: int, k: int) -> float:
    return 1.0 - math.prod((n - passed - i) / (n - i) for i in range(k)) if k <= n else 1.0


def ks(n: int) -> list[int]:
    steps = {round(n ** (i / 29)) for i in range(30)} | {2**i for i in range(n.bit_length()) if 2**i <= n}
    return sorted(steps)


def around(value: float, width: float, low: float = 0.0) -> list[float]:
    return [max(low, value - width), min(1.0, value + width)]


def histogram(rates: list[float]) -> list[dict]:
    bins = [{"from": 0, "to": 0, "problems": sum(r == 0 for r in rates)}]
    for i in range(10):
        inside = sum(r not in (0, 1) and i <= r * 10 < i + 1 for r in rates)
        bins.append({"from": i / 10, "to": (i + 1) / 10, "problems": inside})
    return [*bins, {"from": 1, "to": 1, "problems": sum(r == 1 for r in rates)}]


def draw(rng: random.Random, run: int, skill: list[float], n: int) -> list[int]:
    """Later runs are surer of what they know, and know less: their curves start higher and end lower."""
    passed = []
    for s in skill:
        lost = rng.random() < (0, 0.22, 0.3, 0.1)[run]
        p = 0.0 if lost or s < 0.08 else min(1.0, (s - 0.08) ** (1.6 / (1 + 0.8 * run)) * (0.45 + 0.13 * run))
        passed.append(sum(rng.random() < p for _ in range(n)))
    return passed


def one_run(name: str, step: int | None, passed: list[int], n: int, keys: dict[str, list[str]], rng: random.Random) -> dict:
    problems = len(passed)
    each = {c: [pass_at_k(c, n, k) for k in ks(n)] for c in set(passed)}
    values = [sum(each[c][i] for c in passed) / problems for i in range(len(ks(n)))]
    curve = []
    for k, value in zip(ks(n), values):
        width = 1.96 * math.sqrt(max(value * (1 - value), 1e-4) / problems)
        curve.append(
            {"k": k, "value": value, "problems": around(value, width), "samples": around(value, width * (0.12 + 0.2 * k / n))}
        )
    groups = {}
    for key, of in keys.items():
        groups[key] = []
        for group in dict.fromkeys(of):
            own = [c for c, g in zip(passed, of) if g == group]
            rates = [c / n for c in own]
            groups[key].append(
                {
                    "name": group,
                    "problems": len(own),
                    "pass_at_1": sum(rates) / len(own),
                    "pass_at_n": sum(c > 0 for c in own) / len(own),
                    "histogram": histogram(rates),
                }
            )
    last = values[-1]
    further = [(n * 2**i, 1 - (1 - last) * 0.9**i, curve[-1]["value"] - curve[-1]["problems"][0] + 0.01 * i) for i in (1, 2, 3)]
    points = [{"k": k, "value": value, "interval": around(value, width)} for k, value, width in further]
    extrapolated = {"points": points, "held_back_error": 0.004}
    if name == "rl-late":
        extrapolated = {"refused": "the fit is off by 0.03 on samples held back"}
    median = 1.1 + rng.random()
    return {
        "name": name, "step": step, "model": "Qwen2.5-7B" if name == "base" else None, "samples": [n, n],
        "solved": sum(c > 0 for c in passed), "infra_errors": 0,
        "manifest": {
            "dataset": {"name": "toy", "sha256": "ab" * 32}, "model": name, "limits": None,
            "sampling": {"temperature": 0.6, "n": n, "stop": ["\ndef", "<end>"]},
        },
        "curve": curve, "extrapolated": extrapolated, "histogram": histogram([c / n for c in passed]), "groups": groups,
        "perplexity": {
            "quantiles": [[0.05, 1.01], [0.25, 0.8 * median], [0.5, median], [0.75, 1.3 * median], [0.95, 2 * median]],
            "samples": problems * n,
        },
    }  # fmt: skip


def one_pair(a: dict, b: dict, passed_a: list[int], passed_b: list[int], ids: list[str], n: int) -> dict:
    difference = []
    for x, y in zip(a["curve"], b["curve"]):
        value, width = x["value"] - y["value"], 0.6 * (x["problems"][1] - x["value"])
        ahead = "a" if value > width else "b" if value < -width else None
        difference.append(
            {
                "k": x["k"],
                "value": value,
                "problems": around(value, width, -1),
                "samples": around(value, width / 3, -1),
                "ahead": ahead,
            }
        )
    above = next((d["k"] for d in difference if d["value"] > 0), None)
    sure = next((d["k"] for d in difference if d["problems"][0] > 0), None)
    maybe = next((d["k"] for d in difference if d["problems"][1] > 0), None)
    text = "never" if above is None else f"k = {above} [{maybe}, {sure or 'never'}]"

    def only(mine: list[int], theirs: list[int]) -> list[dict]:
        return [
            {"task_id": i, "samples_of_other": n, "chance": [[x, (1 - x) ** n] for x in (0.001, 0.01)]}
            for i, m, t in zip(ids, mine, theirs)
            if m and not t
        ]

    gap = a["curve"][-1]["value"] - b["curve"][0]["value"]
    return {
        "a": a["name"], "b": b["name"], "problems": len(ids), "difference": difference,
        "crossing": {"k": above, "from_the_start": above == 1, "interval": {"from": maybe, "to": sure}, "text": text},
        "sets": {
            "both": [i for i, x, y in zip(ids, passed_a, passed_b) if x and y],
            "neither": [i for i, x, y in zip(ids, passed_a, passed_b) if not x and not y],
            "only_a": only(passed_a, passed_b), "only_b": only(passed_b, passed_a),
        },
        "gap": {"k": n, "value": gap, "interval": around(gap, 0.06, -1)},
    }  # fmt: skip


def compare(runs: int, problems: int, n: int) -> dict:
    rng = random.Random(runs * 1_000_003 + problems)
    ids = [f"toy/{i}" for i in range(problems)]
    skill = [rng.random() for _ in ids]
    keys = {
        "difficulty": [("hard", "medium", "easy")[min(2, int(3 * s))] for s in skill],
        "platform": [rng.choice(["leetcode", "atcoder"]) for _ in ids],
        "month": [rng.choice(MONTHS) for _ in ids],
    }
    passed = [draw(rng, run, skill, n) for run in range(runs)]
    made = [one_run(NAMES[r], r * 160 if runs > 2 and r < 3 else None, passed[r], n, keys, rng) for r in range(runs)]
    pairs = [one_pair(made[a], made[b], passed[a], passed[b], ids, n) for a in range(runs) for b in range(a + 1, runs)]
    return {
        "format": 1, "title": "toy", "dataset": "toy", "semantics": "real", "problems": problems,
        "remarks": [f"compared on {problems} problems that all runs have; 3 only in base"] if runs > 1 else [],
        "method": {
            "problems": "Percentile bootstrap over problems, 2,000 draws with seed 1.",
            "samples": "Bootstrap over the samples of each problem.",
            "crossing": "First k at which the difference is above zero, in each draw.",
            "extrapolation": "A beta-binomial fitted to the counts.",
        },
        "runs": made, "pairs": pairs,
        "series": [{"step": r * 160, "run": NAMES[r]} for r in range(3)] if runs > 2 else None,
        "table": [
            {"task_id": i, **{key: of[p] for key, of in keys.items()}, "passed": [[passed[r][p], n] for r in range(runs)]}
            for p, i in enumerate(ids)
        ],
        "samples": None,
    }  # fmt: skip


def samples_of(data: dict, problem: int, hostile: bool = False) -> list[list[dict]]:
    """Lists of samples that agree with the table; the first one is hostile where asked."""
    lists = []
    for passed, n in data["table"][problem]["passed"]:
        fail = {"test": "3", "input": "[1, 2]", "expected": "3", "actual": "4", "note": None}
        lists.append(
            [
                {
                    "sample": s,
                    "verdict": "pass" if s < passed else ["wrong_answer", "timeout", "no_code"][s % 3],
                    "code": f"def f(x):\n    return {s}\n",
                    "failure": None if s < passed else fail,
                }
                for s in range(n)
            ]
        )
    if hostile:
        lists[0][0] = {
            "sample": 0,
            "verdict": "forged?",
            "code": HOSTILE,
            "failure": {"test": HOSTILE, "input": HOSTILE, "expected": "</pre><b>bold</b>", "actual": HOSTILE, "note": HOSTILE},
        }
        lists[0][1]["code"] = LONG_LINE
    return lists


def pack(lists: object) -> str:
    """As trialbox packs a problem's samples; lone surrogates need the escapes."""
    return base64.b64encode(gzip.compress(json.dumps(lists).encode("ascii"), mtime=0)).decode("ascii")


def with_inline(data: dict, problems: list[int]) -> dict:
    hostile = problems[0]
    return {**data, "samples": {"inline": {data["table"][p]["task_id"]: pack(samples_of(data, p, p == hostile)) for p in problems}}}


def with_files(data: dict, written: list[int], folder: Path) -> dict:
    """An index of all problems, but files of some only: the page must bear missing ones."""
    beside = folder / "report-samples"
    beside.mkdir(parents=True, exist_ok=True)
    for p in written:
        (beside / f"{p}.js").write_text(f'trialboxSamples({p}, "{pack(samples_of(data, p, p == written[0]))}");\n')
    return {**data, "samples": {"files": "report-samples", "index": {row["task_id"]: p for p, row in enumerate(data["table"])}}}


def hostile_names(data: dict) -> dict:
    """The same report under names that try to be markup."""
    text = json.dumps(data).replace('"base"', json.dumps("</script><img src=x onerror='window.owned=5'>"))
    data = json.loads(text.replace('"toy/1"', json.dumps("toy/1<script>window.owned=6</script>\u202e")))
    return {**data, "title": "<script>window.owned=7</script>", "remarks": ["<b>no</b> </script>"]}


def write_all(folder: Path) -> dict[str, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    two = compare(2, 60, 128)
    large = compare(4, 880, 256)
    reports = {
        "one": compare(1, 60, 128),
        "two": with_inline(two, [0, 1, 2]),
        "four": with_files(large, [0, 1], folder),
        "hostile": hostile_names(with_inline(two, [0, 1])),
    }
    for name, data in reports.items():
        (folder / f"{name}.html").write_text(assemble.page(data), "utf-8")
        (folder / f"{name}.json").write_text(json.dumps(data))
    return {name: folder / f"{name}.html" for name in reports}


if __name__ == "__main__":
    for path in write_all(Path(sys.argv[1] if len(sys.argv) == 2 else "report-page-fixtures")).values():
        print(path, path.stat().st_size // 1024, "KB")
