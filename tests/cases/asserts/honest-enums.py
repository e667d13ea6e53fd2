# tries: "Returns members of enums, which are themselves on both sides."
# expect: "pass"
# mode: "asserts"
# tests_py: "from solution import C, N, mix\nimport pytest\ndef test_enum():\n    assert C.RED is C.RED and C(1) is C.RED and C[\"BLUE\"] is C.BLUE\n    assert C.RED.value == 1 and C.RED.name == \"RED\"\n    assert mix(C.RED, C.BLUE) is C.RED and mix(C.BLUE, C.BLUE) == C.BLUE\n    assert [c.name for c in C] == [\"RED\", \"BLUE\"] and len(C) == 2\n    assert N.ONE == 1 and N.ONE + 1 == 2\n    assert isinstance(C.RED, C) and C.RED in C\n    assert str(C.RED) == \"C.RED\"\n    assert {C.RED: 1}[C.RED] == 1\n    with pytest.raises(ValueError): C(7)\n    assert f\"{N.ONE}\" == \"1\"\n"
# canonical: "from enum import Enum, IntEnum\nclass C(Enum):\n    RED = 1\n    BLUE = \"b\"\nclass N(IntEnum):\n    ONE = 1\ndef mix(a, b): return C.RED if a is C.RED or b is C.RED else C.BLUE\n"
# time_s: 5
from enum import Enum, IntEnum
class C(Enum):
    RED = 1
    BLUE = "b"
class N(IntEnum):
    ONE = 1
def mix(a, b): return C.RED if a is C.RED or b is C.RED else C.BLUE
