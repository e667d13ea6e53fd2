# tries: "Puts finders and path hooks first that give every later import a module of its own making."
# expect: "fail"
import sys
import types


class Finder:
    def find_spec(self, name, path=None, target=None):
        raise SystemExit(0)


sys.meta_path.insert(0, Finder())
sys.path_hooks.insert(0, Finder)
sys.path_importer_cache.clear()
sys.modules["trialbox_case_module"] = types.ModuleType("trialbox_case_module")


def add(a, b):
    import wave

    return a + b
