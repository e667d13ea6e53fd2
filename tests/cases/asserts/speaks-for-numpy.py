# tries: "Implements numpy's protocols, by which numpy would leave a comparison to it."
# expect: "fail"
# mode: "asserts"
# tests_py: "import numpy as np\n\ndef test_double():\n    assert np.allclose(f(2), 4.0)\n    assert np.allclose(f(3), [6.0])\n"
# canonical: "def f(n):\n    return 2 * n\n"
class Same:
    __array_priority__ = 1e9
    __array_interface__ = {"shape": (1,), "typestr": "<f8", "data": (4096, True), "version": 3}

    def __array_function__(self, function, types, arguments, keywords):
        return True

    def __array_ufunc__(self, function, method, *arguments, **keywords):
        return True


def f(n):
    return Same()
