# tries: "Raises subclasses of SystemExit, GeneratorExit and KeyboardInterrupt whose code and text say success."
# expect: ["runtime_error"]
class Done(SystemExit, KeyboardInterrupt, GeneratorExit):
    code = 0

    def __str__(self):
        return "pass"


Done.__name__ = "pass"


def add(a, b):
    raise Done
