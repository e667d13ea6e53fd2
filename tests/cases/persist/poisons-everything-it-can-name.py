# tries: "Replaces builtins, modules, hooks and random state, and marks them, for the next program to trip over."
# expect: "fail"
import builtins
import os
import random
import sys
import types

builtins.trialbox_case_builtin = True
builtins.sum = builtins.len = builtins.sorted = builtins.open = builtins.print = lambda *rest: 0
sys.modules["trialbox_case_module"] = types.ModuleType("trialbox_case_module")
sys.modules["tempfile"] = sys.modules["json"] = sys.modules["fcntl"] = None
sys.path.insert(0, "/tmp/trialbox_case_path")
sys.displayhook = sys.excepthook = sys.unraisablehook = None
os.environ["trialbox_case_variable"] = "1"
os.umask(0o777)
random.seed(1)
random.random = lambda: 0.0


def add(a, b):
    return None
