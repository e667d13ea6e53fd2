# tries: "Writes, truncates, renames, links, removes and re-permissions files of the interpreter and its libraries."
# expect: "fail"
import os
import pathlib
import shutil
import sysconfig

library = pathlib.Path(os.__file__).parent
existing = library / "random.py"
ways = [
    lambda: (library / "trialbox_case_module.py").write_text(""),
    lambda: (library / "__pycache__" / "trialbox_case_module.cpython-311.pyc").write_bytes(b""),
    lambda: (pathlib.Path(sysconfig.get_path("purelib")) / "trialbox_case.pth").write_text("import os"),
    lambda: pathlib.Path("/usr/lib/python3/dist-packages/sitecustomize.py").write_text(""),
    lambda: open(existing, "ab"),
    lambda: open(existing, "r+b"),
    lambda: os.truncate(existing, 0),
    lambda: os.chmod(existing, 0o777),
    lambda: os.chown(existing, os.getuid(), os.getgid()),
    lambda: os.utime(existing, (0, 0)),
    lambda: os.utime(existing),
    lambda: os.rename(existing, library / "trialbox_case_renamed.py"),
    lambda: os.link(existing, "trialbox-case-link"),
    lambda: os.remove(existing),
    lambda: os.mkdir(library / "trialbox_case_folder"),
    lambda: os.symlink("/tmp", library / "trialbox_case_symlink"),
    lambda: os.setxattr(existing, "user.trialbox", b"case"),
    lambda: shutil.copy(existing, "/run/trialbox/zygote.so"),
    lambda: os.chmod("/run/trialbox/zygote.so", 0o777),
    lambda: os.rmdir("/run/trialbox"),
]


def works(way):
    try:
        way()
    except OSError:
        return False
    return True


worked = [way for way in ways if works(way)]


def add(a, b):
    return a + b if worked else None
