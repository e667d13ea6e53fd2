# tries: "Keeps the rows of a matrix that the tests change."
# expect: "pass"
# mode: "asserts"
# tests_py: "from solution import M\ndef test_a():\n    m = M([[1, 2], [3, 4]])\n    m.rows[0][0] = 10\n    assert m.trace() == 14\n    for row in m.rows: row.append(0)\n    assert m.rows == [[10, 2, 0], [3, 4, 0]]\n    assert m.t().rows[2] == [0, 0]\n    m.rows = [[1]]\n    assert m.trace() == 1\n"
# canonical: "class M:\n    def __init__(s, r): s.rows = r\n    def t(s): return M([list(x) for x in zip(*s.rows)])\n    def trace(s): return sum(s.rows[i][i] for i in range(len(s.rows)))\n"
# time_s: 5
class M:
    def __init__(s, r): s.rows = r
    def t(s): return M([list(x) for x in zip(*s.rows)])
    def trace(s): return sum(s.rows[i][i] for i in range(len(s.rows)))
