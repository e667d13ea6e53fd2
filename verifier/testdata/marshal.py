"""Writes marshal.txt: for each value, `marshal.dumps(value, 2)` in hex and a description that the Rust test can print.

Run: python3 marshal.py > marshal.txt   (CPython 3.11 or later: earlier ones do not sort sets)
"""

import marshal
import struct


def describe(value):
    kind = type(value).__name__
    if value is None or value is ...:
        return kind
    if isinstance(value, (bool, int)):
        return f"{kind} {value}"
    if isinstance(value, float):
        return f"float {bits(value)}"
    if isinstance(value, complex):
        return f"complex {bits(value.real)} {bits(value.imag)}"
    if isinstance(value, str):
        return f"str {value.encode('utf-8', 'surrogatepass').hex()}"
    if isinstance(value, bytes):
        return f"bytes {value.hex()}"
    if isinstance(value, dict):
        return "dict(" + ", ".join(f"{describe(k)}: {describe(v)}" for k, v in value.items()) + ")"
    members = value
    if isinstance(value, (set, frozenset)):
        members = sorted(value, key=lambda member: marshal.dumps(member, 2))
    return f"{kind}(" + ", ".join(describe(member) for member in members) + ")"


def bits(number):
    return struct.pack(">d", number).hex()


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


INTS = [0, 1, -1, 255, 2**15, 2**31 - 1, -(2**31), 2**31, -(2**31) - 1, 2**32, 2**45, -(2**45), 2**60 - 1, 2**63, 2**64]
INTS += [10**30, -(10**30), 7**500, 2**960, 2**959 - 1, -(2**1000)]
FLOATS = [0.0, -0.0, 1.5, -2.25, 0.1, 1e308, 5e-324, float("inf"), float("-inf"), float("nan"), 2.0**53]
STRINGS = ["", "a", "line\nline", "é", "日本", "\U0001f600", "\x00", "\ud800", "x\udfffy", "\ud83d\ude00", "a" * 300]
VALUES = [None, True, False, ..., *INTS, *FLOATS, *STRINGS]
VALUES += [b"", b"\x00\xff", bytes(range(256)), 1j, complex(-0.0, float("nan"))]
VALUES += [(), [], {}, set(), frozenset(), (1,), [1, "a", None], {"a": 1, 2: [3]}, {1, 2, 300, -5, "x", b"y", (1, 2)}]
VALUES += [frozenset({frozenset(), frozenset({1}), 2.5}), {(1, "a"): {"b": (None, ...)}}, [[], [[]], ((),)], nested(50)]
VALUES += [{1: {2: {3: {}}}}, [{}, {}], {None: None, True: False}, list(range(100)), [0.1, True, "t", b"s", 2**70]]

for value in VALUES:
    encoded = marshal.dumps(value, 2)
    assert describe(marshal.loads(encoded)) == describe(value)
    print(encoded.hex(), describe(value), sep="\t")
