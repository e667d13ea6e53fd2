# tries: "Is tested with each parameter of a fixture."
# expect: "pass"
# mode: "asserts"
# tests_py: "import pytest\nfrom solution import double\n@pytest.fixture(params=[1, 2, 3], ids=['a', 'b', 'c'])\ndef n(request):\n    return request.param\n@pytest.fixture\ndef pair(n): return (n, n * 2)\nseen = []\ndef test_a(n): \n    seen.append(n)\n    assert double(n) == n * 2\ndef test_pair(pair, n): assert double(pair[0]) == pair[1] and pair[0] == n\ndef test_z(): assert seen == [1, 2, 3]\n"
# canonical: "def double(x): return x * 2\n"
# time_s: 5
def double(x): return x * 2
