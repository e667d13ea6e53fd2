# tries: "Returns lists of the right length that nobody gets anything out of, to `numpy.allclose`."
# expect: "fail"
# mode: "asserts"
# tests_py: "import numpy as np\n\ndef test_double():\n    assert np.allclose(f(2), [4.0, 2.0])\n"
# canonical: "def f(n):\n    return [2.0 * n, n]\n"
class Hollow(list):
    def __len__(self):
        return 2

    def __iter__(self):
        return iter(())


def f(n):
    return Hollow([0, 0])
