"""Rows of JSON lines: reading, writing, numbering samples.

Not here: what the rows mean.
"""

import gzip, json


def read_rows(path):
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def write_rows(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def numbered(rows):
    """Gives every row the number of its sample, which it need not have; trialbox keeps the number."""
    seen, result = {}, []
    for row in rows:
        number = row.get("sample", seen.get(row["task_id"], 0))
        seen[row["task_id"]] = number + 1
        result.append({**row, "sample": number})
    return result


def key_of(row):
    return row["task_id"], row["sample"]


def trivial(row, answer="..."):
    """A candidate for a problem that costs nothing by itself and is wrong."""
    return {"task_id": row["task_id"], "solution": f"def {row['entry_point']}(*arguments):\n    return {answer}\n"}
