# tries: "Has context managers in which the tests raise exceptions."
# expect: "pass"
# mode: "asserts"
# tests_py: "from solution import opened, log, Cm\nimport solution\nimport pytest\ndef test_ctx():\n    with opened(2) as y:\n        assert y == 4\n    with opened(1):\n        raise KeyError(\"k\")\n    assert solution.log == [(\"in\", 2), \"out\", (\"in\", 1), (\"err\", \"k\"), \"out\"]\n    c = Cm()\n    with c as d:\n        assert d is c and c.on\n        raise ValueError\n    assert c.on is False and c.t is ValueError\n    with pytest.raises(TypeError):\n        with Cm(): raise TypeError\n"
# canonical: "from contextlib import contextmanager\nlog = []\n@contextmanager\ndef opened(x):\n    log.append((\"in\", x))\n    try:\n        yield x * 2\n    except KeyError as e:\n        log.append((\"err\", e.args[0]))\n    finally:\n        log.append(\"out\")\nclass Cm:\n    def __enter__(self): self.on = True; return self\n    def __exit__(self, t, e, tb):\n        self.on = False\n        self.t = t\n        return t is ValueError\n"
# time_s: 5
from contextlib import contextmanager
log = []
@contextmanager
def opened(x):
    log.append(("in", x))
    try:
        yield x * 2
    except KeyError as e:
        log.append(("err", e.args[0]))
    finally:
        log.append("out")
class Cm:
    def __enter__(self): self.on = True; return self
    def __exit__(self, t, e, tb):
        self.on = False
        self.t = t
        return t is ValueError
