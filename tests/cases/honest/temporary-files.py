# tries: "Uses every kind of temporary file, and copies, moves and lists what is in them."
# expect: "pass"
import os
import pathlib
import shutil
import tempfile


def add(a, b):
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "a").write_text(str(a))
        shutil.copyfile(f"{folder}/a", f"{folder}/b")
        shutil.move(f"{folder}/b", f"{folder}/c")
        assert sorted(os.listdir(folder)) == ["a", "c"]
    with tempfile.NamedTemporaryFile("w+") as file:
        file.write(str(b))
        file.flush()
        second = int(pathlib.Path(file.name).read_text())
    descriptor, path = tempfile.mkstemp()
    os.close(descriptor)
    os.remove(path)
    with tempfile.TemporaryFile() as file, tempfile.SpooledTemporaryFile() as other:
        file.write(b"x")
        other.write(b"y")
    return a + second
