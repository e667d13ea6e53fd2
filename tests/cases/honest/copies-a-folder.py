# tries: "Copies a folder with its files' times and modes, as shutil does it."
# expect: "pass"
# classes: ["root", "user"]
# Elsewhere it may not change times: nothing would keep it from the host's files.
import pathlib
import shutil
import tempfile


def add(a, b):
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder, "source")
        source.mkdir()
        (source / "numbers").write_text(f"{a} {b}")
        shutil.copytree(source, pathlib.Path(folder, "copy"))
        return sum(map(int, pathlib.Path(folder, "copy", "numbers").read_text().split()))
