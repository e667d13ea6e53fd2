"""Renders the chat templates as transformers does.
Not here: where templates come from (each file says).
In: `templates/<name>.json` with template and tokens. Out: the same files with their cases.
"""

import datetime
import json
from pathlib import Path

from transformers.utils import chat_template_utils

from models import HERE

NOW = datetime.datetime(2025, 3, 4, 5, 6, 7)
ODD = 'Tabs\tand "quotes", it\'s <b>&amp;</b> \\n {{ no.template }} {% raw %}\n\n  Ünïcödé 日本語 🦀 e\u0301 \u200b\r\n  end  \n'
USER = {"role": "user", "content": "Write a function that adds two numbers."}
SYSTEM = {"role": "system", "content": "You are a careful programmer."}
ANSWER = {"role": "assistant", "content": "def add(a, b):\n    return a + b"}
THOUGHT = {"role": "assistant", "content": "<think>\nTwo numbers, one sum.\n</think>\n\ndef add(a, b):\n    return a + b"}
AGAIN = {"role": "user", "content": "And three?"}


def case(*messages: dict, continue_final_message: bool = False, **variables: object) -> dict:
    out = {"messages": list(messages), "add_generation_prompt": not continue_final_message}
    if continue_final_message:
        out["continue_final_message"] = True
    if variables:
        out["variables"] = variables
    return out


CASES = [
    case(USER),
    case(USER) | {"add_generation_prompt": False},
    case(SYSTEM, USER),
    case(USER, ANSWER, AGAIN),
    case(SYSTEM, USER, ANSWER, AGAIN),
    case(USER, THOUGHT, AGAIN),
    case(USER, {"role": "assistant", "content": "```python\ndef add("}, continue_final_message=True),
    case(SYSTEM, USER, {"role": "assistant", "content": "```python\n"}, continue_final_message=True),
    case(USER, {"role": "assistant", "content": ""}, continue_final_message=True),
    case(USER, ANSWER, AGAIN, {"role": "assistant", "content": "  Three: "}, continue_final_message=True),
    case({"role": "user", "content": ODD}),
    case({"role": "system", "content": ODD}, {"role": "user", "content": ODD}),
    case({"role": "user", "content": ""}),
    case(USER, AGAIN),
    case(ANSWER, USER),
    case(USER, enable_thinking=False),
]


class Clock(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return NOW


def render(source: dict, case: dict) -> str | dict:
    # A token that the model lacks is no variable at all.
    tokens = {name: source[name] for name in ("bos_token", "eos_token") if source[name] is not None}
    try:
        rendered, _ = chat_template_utils.render_jinja_template(
            [case["messages"]], chat_template=source["template"],
            add_generation_prompt=case["add_generation_prompt"],
            continue_final_message=case.get("continue_final_message", False),
            **tokens, **case.get("variables", {}))
    except Exception as error:
        return {"error": str(error), "kind": type(error).__name__}
    return rendered[0]


def write(path: Path) -> None:
    source = json.loads(path.read_text())
    cases = [case | {"expected": render(source, case)} for case in CASES]
    source |= {"now": NOW.isoformat(), "cases": cases}
    path.write_text(json.dumps(source, indent=1, ensure_ascii=False) + "\n")
    errors = [case["expected"]["error"].split("\n")[0][:70] for case in cases if isinstance(case["expected"], dict)]
    print(f"{path.stem:28} {len(cases)} cases, {len(errors)} refused {sorted(set(errors)) or ''}")


def store_all() -> None:
    chat_template_utils.datetime = Clock
    for path in sorted((HERE / "templates").glob("*.json")):
        write(path)
