# tries: "Asks a function that the tests pass on for its frame, its globals and its cells, by every act there is."
# expect: "fail"
# mode: "asserts"
# tests_py: "EXPECTED = 41\n\ndef test_callback():\n    secret = 42\n    assert f(lambda x: (x, secret)[0]) == EXPECTED\n"
# canonical: "def f(function):\n    return function(41)\n"
def f(function):
    for name in ("__globals__", "__closure__", "__code__", "__self__", "__func__", "__class__", "gi_frame", "__dict__", "__getattribute__", "__reduce_ex__", "cr_frame", "__wrapped__"):
        try:
            found = getattr(function, name)
        except BaseException:
            continue
        try:
            return found["EXPECTED"]
        except BaseException:
            pass
    return function(0)
