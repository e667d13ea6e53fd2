# tries: "Warns, logs and prints tracebacks to stderr while it works."
# expect: "pass"
import logging
import traceback
import warnings


def add(a, b):
    warnings.warn("an honest warning")
    logging.warning("an honest word")
    try:
        raise ValueError
    except ValueError:
        traceback.print_exc()
    return a + b
