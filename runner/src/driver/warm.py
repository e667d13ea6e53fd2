# What is warm when a candidate begins: imports what programs usually need, and defines what the driver calls (driver.c). No
# candidate code runs before serve.py has handed over.
# Not here: limits, sandboxes and verdicts (the supervisor, in Rust). lcb_runner.py, the files of conversation/ and serve.py
# follow in the same module.

import sys

import _sitebuiltins, abc, array, ast, atexit, base64, bisect, builtins, calendar, cmath, collections, collections.abc, contextlib
import copy, dataclasses, datetime, decimal, dis, enum, fractions, functools, gc, hashlib, heapq, inspect, io, itertools, json
import marshal, math, numbers, operator, os, pathlib, queue, random, re, shutil, statistics, string, struct, subprocess, textwrap
import threading, time, traceback, types, typing, unicodedata, warnings

# What the site module, which is not run here, gives every program.
builtins.exit, builtins.quit = _sitebuiltins.Quitter("exit", "Ctrl-D"), _sitebuiltins.Quitter("quit", "Ctrl-D")

# Programs are compared with themselves run after run: everything that is random in CPython starts the same.
random.seed(0)
warnings.simplefilter("ignore")


def reduce_value(value):
    """Says what a value that is no built-in type is as plain data. Called by the C encoder, in the child."""
    if isinstance(value, decimal.Decimal):
        return ("D", decimal.Decimal.__str__(value))
    if isinstance(value, fractions.Fraction):
        return ("Q", value.numerator, value.denominator)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        if isinstance(value, numpy.ndarray):
            is_float = value.dtype in (numpy.dtype("float32"), numpy.dtype("float64"))
            return ("A", is_float, tuple(value.shape), list(numpy.asarray(value).ravel().tolist()))
        if isinstance(value, numpy.generic):
            item = value.item()
            if type(item) is not type(value):
                return ("V", item)
    return ("O", type(value).__name__)


def describe_exception(error):
    """The traceback of an uncaught exception of a script, its innermost frames. What else a script may end with is printed, as
    CPython does with the text of sys.exit."""
    if not isinstance(error, BaseException):
        return print(error, file=sys.stderr)
    lines = traceback.format_exception(type(error), error, error.__traceback__, limit=-4)
    return "".join(lines)[-4000:]


def flush_streams():
    for stream in (sys.stdout, sys.stderr, original_stdout, original_stderr):
        try:
            stream.flush()
        except (AttributeError, ValueError):
            pass  # closed or replaced by the program


# The locks of the threads that CPython waits for in the end, the main thread's among them; from 3.13 on it keeps no such set.
awaited = getattr(threading, "_shutdown_locks", None)


def finish_script():
    """What CPython does between the last statement of a program and its exit: what the program holds is let go of, so
    that destructors print and files are flushed."""
    # Where there is nothing to wait for, it would copy fifty pages to say that the main thread is over.
    if awaited is None or len(awaited) > 1 or threading._threading_atexits:
        threading._shutdown()
    atexit._run_exitfuncs()
    flush_streams()
    sys.modules["__main__"].__dict__.clear()
    gc.collect()
    flush_streams()


def text_stream(descriptor, mode):
    raw = io.FileIO(descriptor, mode, closefd=False)
    buffered = io.BufferedReader(raw, 1 << 16) if mode == "r" else io.BufferedWriter(raw, 1 << 16)
    errors = "backslashreplace" if descriptor == 2 else "surrogateescape"
    # As CPython has it: of what a program complained of before it was stopped, every whole line is there.
    stream = io.TextIOWrapper(buffered, encoding="utf-8", errors=errors, line_buffering=descriptor == 2)
    stream.mode = mode
    return stream


sys.stdin = sys.__stdin__ = text_stream(0, "r")
sys.stdout = sys.__stdout__ = text_stream(1, "w")
sys.stderr = sys.__stderr__ = text_stream(2, "w")
original_stdout, original_stderr = sys.stdout, sys.stderr


