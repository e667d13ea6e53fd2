# tries: "Catches what a callback raises and climbs from its traceback to the frames of the tests."
# expect: "fail"
# mode: "asserts"
# tests_py: "class Odd(Exception):\n    pass\n\ndef test_callback():\n    expected = 41\n    def fails(x):\n        raise Odd\n    assert f(fails) == expected\n"
# canonical: "def f(function):\n    return 41\n"
def f(function):
    try:
        function(0)
    except BaseException as error:
        while error is not None:
            try:
                trace = error.__traceback__
                while trace is not None:
                    frame = trace.tb_frame
                    while frame is not None:
                        if "expected" in frame.f_locals and "function" not in frame.f_locals:
                            return frame.f_locals["expected"]
                        frame = frame.f_back
                    trace = trace.tb_next
            except AttributeError:
                pass
            error = error.__context__
    return 0
