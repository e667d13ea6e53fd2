# tries: "Imports every feature of the future, annotations and barry_as_FLUFL among them."
# expect: ["pass", "compile_error"]
from __future__ import annotations, generators, barry_as_FLUFL


def add(a: undefined, b: undefined):
    return a + b if a <> None else None
