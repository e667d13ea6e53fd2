# tries: "Is tested with fixtures, parameters and a class whose methods start anew for each."
# expect: "pass"
# mode: "asserts"
# tests_py: "import pytest\nfrom solution import Acc\n@pytest.fixture\ndef acc(): \n    a = Acc(10)\n    yield a\n    a.b = 0\n@pytest.fixture(params=[1, 2])\ndef amount(request): return request.param\n@pytest.mark.parametrize(\"x,exp\", [(1, 11), pytest.param(2, 12, id=\"two\")])\ndef test_dep(acc, x, exp): assert acc.dep(x) == exp\n@pytest.mark.parametrize(\"bad\", [0, -1])\ndef test_bad(acc, bad):\n    with pytest.raises(ValueError): acc.dep(bad)\nclass TestAcc:\n    def setup_method(self): self.a = Acc()\n    def test_one(self): assert self.a.dep(3) == 3\n    @pytest.mark.parametrize(\"x\", [1, 2])\n    def test_two(self, x): assert self.a.dep(x) == x\ndef test_tmp(tmp_path):\n    (tmp_path / \"a.txt\").write_text(\"x\")\n    assert (tmp_path / \"a.txt\").read_text() == \"x\"\n"
# canonical: "class Acc:\n    def __init__(self, b=0): self.b = b\n    def dep(self, x):\n        if x <= 0: raise ValueError(\"positive\")\n        self.b += x\n        return self.b\n"
# time_s: 5
class Acc:
    def __init__(self, b=0): self.b = b
    def dep(self, x):
        if x <= 0: raise ValueError("positive")
        self.b += x
        return self.b
