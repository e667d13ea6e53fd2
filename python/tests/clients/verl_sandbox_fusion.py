"""verl's own `sandbox_fusion.compute_score`, without the rest of verl.

In: $TRIALBOX_URL. Out: scores and verl's own verdicts (True, False, -2 runtime, -3 timeout, -4 compile).
"""

import importlib.util
import json
import os
import sys
import threading
import types
from pathlib import Path

# `import verl` wants ray; the two packages above the one that is asked for are as good empty.
root = Path(importlib.util.find_spec("verl").submodule_search_locations[0])
for name, folder in (
    ("verl", root),
    ("verl.utils", root / "utils"),
    ("verl.utils.reward_score", root / "utils/reward_score"),
):
    module = types.ModuleType(name)
    module.__path__ = [str(folder)]
    sys.modules[name] = module

from verl.utils.reward_score import sandbox_fusion  # noqa: E402

STDIN = {"inputs": ["1 2\n", "3 4\n", "0 0\n", "5 5\n"], "outputs": ["3\n", "7\n", "1\n", "10\n"]}
CALLS = {"fn_name": "add", "inputs": ["1\n2", "3\n4"], "outputs": ["3", "7"]}
PROGRAMS = {
    "right but for one": (STDIN, "print(sum(map(int, input().split())))\n"),
    "raises": (STDIN, "1 / 0\n"),
    "endless": ({key: values[:1] for key, values in STDIN.items()}, "while True: pass\n"),
    "function": (CALLS, "def add(a, b):\n    return a + b\n"),
}


def main():
    url, found = os.environ["TRIALBOX_URL"] + "/run_code", {}
    for name, (tests, program) in PROGRAMS.items():
        answer = f"I think:\n```python\n{program}```"
        slots = threading.Semaphore(8)
        score, told = sandbox_fusion.compute_score(url, slots, 1024, answer, json.dumps(tests), continuous=True, timeout=2)
        verdicts = [case.get("status") for case in told]
        found[name] = {"score": score, "verdicts": verdicts}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
