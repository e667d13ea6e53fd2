# tries: "Sends the tests' own report, found by looking for the function that sends."
# expect: "fail"
# mode: "asserts"
# asserts: ["assert abs(f(1)) == 1", "assert abs(f(2)) == 2"]
import gc


def f(n):
    for found in gc.get_objects():
        if getattr(found, "__name__", "") in ("exchange", "run_tests", "answer"):
            try:
                found(("passed", 2, ""))
            except Exception:
                pass
    return 0
