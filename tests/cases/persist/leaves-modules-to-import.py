# tries: "Leaves modules in its folder that shadow those which the next program imports."
# expect: "pass"
import pathlib

for name in ("tempfile", "random", "sitecustomize", "usercustomize", "fcntl", "stat", "solution", "wave"):
    pathlib.Path(f"{name}.py").write_text("raise SystemExit(0)\n")
    pathlib.Path(name).mkdir()
    pathlib.Path(name, "__init__.py").write_text("raise SystemExit(0)\n")
pathlib.Path("trialbox-case.pth").write_text("import os; os._exit(0)\n")


def add(a, b):
    return a + b
