# tries: "Raises AssertionError, SystemExit, KeyboardInterrupt and GeneratorExit out of the call."
# expect: ["runtime_error"]
# mode: "asserts"
# asserts: ["assert not f(0)"]
def f(n):
    raise (AssertionError, SystemExit, KeyboardInterrupt, GeneratorExit)[n](0)
