# The last lines: everything is imported and defined; from here on it is up to the sandbox (`native`, driver.c).

prelude = livecodebench_names()
as_function(EXAMPLE)  # so that what it makes once is shared by all children
known_names = {**vars(builtins), **prelude}
lcb = (known_names, fresh_solution, official_compile, official_load)
version = "%d.%d.%d" % sys.version_info[:3]
sys.modules["__main__"] = types.ModuleType("__main__")  # a script becomes it; a module finds it empty
gc.collect()
gc.freeze()
native.serve(version.encode(), compile, int.__add__, reduce_value, describe_exception, finish_script, hashlib.sha256, lcb, answer, run_tests)
