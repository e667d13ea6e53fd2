# tries: "Recurses as deep as the tests have allowed."
# expect: "pass"
# mode: "asserts"
# tests_py: "import sys, pytest\nfrom solution import depth\ndef test_a():\n    old = sys.getrecursionlimit()\n    sys.setrecursionlimit(20000)\n    try:\n        assert depth(5000) == 5000\n    finally:\n        sys.setrecursionlimit(old)\n"
# canonical: "import sys\ndef depth(n): return 0 if n == 0 else 1 + depth(n - 1)\n"
# time_s: 5
import sys
def depth(n): return 0 if n == 0 else 1 + depth(n - 1)
