"""EvalPlus's rule for one input, as its evaluator has it, in plain Python.

Not here: the limits, the candidates (own_work.py). The functions are also written out into programs
(peers/check_text.py), so they stand alone.
"""

import math

SET_EQUAL = {"similar_elements", "find_char_long", "common_in_nested_lists", "extract_singly", "larg_nnum",
             "intersection_array", "find_dissimilar", "Diff"}
NOT_NONE = {"check_str", "text_match_three", "text_starta_endb"}


def is_floats(value):
    if isinstance(value, float):
        return True
    return isinstance(value, (list, tuple)) and bool(value) and all(isinstance(item, float) for item in value)


def all_close(actual, expected, atol):
    if isinstance(expected, (list, tuple)):
        return len(actual) == len(expected) and all(all_close(a, e, atol) for a, e in zip(actual, expected))
    return actual == expected or abs(actual - expected) <= atol + 1e-7 * abs(expected)


def passes(task, arguments, actual, expected):
    atol = task["atol"]
    if task["entry_point"] == "find_zero":
        return abs(sum(c * math.pow(actual, i) for i, c in enumerate(arguments[0]))) <= atol
    if task["entry_point"] in SET_EQUAL:
        return set(actual) == set(expected)
    if actual == expected:
        return True
    if atol == 0 and is_floats(expected):
        atol = 1e-6
    return atol != 0 and type(actual) is type(expected) and all_close(actual, expected, atol)
