"""OpenRLHF's SingleTurnAgentExecutor, its reward fetch by HTTP and by our file.

In: $TRIALBOX_URL. Out: what it would put into a sample.
"""

import asyncio
import importlib.util
import json
import os
import sys
import types
from pathlib import Path

# `import openrlhf` wants deepspeed; the packages above the one that is asked for are as good empty.
root = Path(importlib.util.find_spec("openrlhf").submodule_search_locations[0])
for name, folder in (("openrlhf", root), ("openrlhf.utils", root / "utils")):
    module = types.ModuleType(name)
    module.__path__ = [str(folder)]
    sys.modules[name] = module

from openrlhf.utils.agent import SingleTurnAgentExecutor  # noqa: E402

LABEL = json.dumps(["assert add(1, 2) == 3", "assert add(0, 0) == 0"])
PROMPT = "Add two numbers.\n"
ANSWERS = [
    "```python\ndef add(a, b):\n    return a + b\n```",
    "```python\ndef add(a, b):\n    return a or b\n```",
    "I do not know.",
]


async def fetched(fetch, answer):
    found = await fetch([PROMPT + answer], [PROMPT], [LABEL])
    return {key: found[0][key] for key in ("rewards", "scores")}


async def main():
    url = os.environ["TRIALBOX_URL"]
    ours = SingleTurnAgentExecutor(str(Path(importlib.util.find_spec("trialbox.openrlhf").origin)))
    http = SingleTurnAgentExecutor([f"{url}/get_reward", f"{url}/get_reward?reward=binary"])
    shaped = SingleTurnAgentExecutor(f"{url}/get_reward?reward=fraction")
    return {
        "http": [await fetched(http._fetch_rewards_via_http, answer) for answer in ANSWERS],
        "fraction": [await fetched(shaped._fetch_rewards_via_http, answer) for answer in ANSWERS],
        "file": [await fetched(ours._fetch_rewards_via_func, answer) for answer in ANSWERS],
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main())))
