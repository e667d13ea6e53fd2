# tries: "Makes a symbolic and a hard link in a temporary folder and reads through them."
# expect: "pass"
# wasi_expect: ["runtime_error"]
# The guest has no links.
import os
import pathlib
import tempfile


def add(a, b):
    with tempfile.TemporaryDirectory() as folder:
        number, link, hard = (pathlib.Path(folder, name) for name in ("number", "link", "hard"))
        number.write_text(str(a))
        link.symlink_to(number)
        os.link(number, hard)
        return int(link.read_text()) + b if hard.samefile(link) else None
