# tries: "Keeps a deque, a defaultdict, a Counter and an OrderedDict that the tests change."
# expect: "pass"
# mode: "asserts"
# tests_py: "from solution import Q\nimport heapq\ndef test_a():\n    q = Q(); q.q.append(1); q.q.appendleft(0); q.d['a'].append(3); q.c['x'] += 2; q.o['k'] = 1\n    assert q.info() == ([0, 1], {'a': [3]}, {'x': 2}, ['k'])\n    q.q.popleft(); assert q.n() == 1\n"
# canonical: "from collections import deque, defaultdict, Counter, OrderedDict\nclass Q:\n    def __init__(s): s.q = deque(); s.d = defaultdict(list); s.c = Counter(); s.o = OrderedDict()\n    def n(s): return len(s.q)\n    def info(s): return (list(s.q), dict(s.d), dict(s.c), list(s.o))\n"
# time_s: 5
from collections import deque, defaultdict, Counter, OrderedDict
class Q:
    def __init__(s): s.q = deque(); s.d = defaultdict(list); s.c = Counter(); s.o = OrderedDict()
    def n(s): return len(s.q)
    def info(s): return (list(s.q), dict(s.d), dict(s.c), list(s.o))
