# Freezes the standard library and the packages that every program may import: code objects, marshalled, in one file, and
# the C table that names them for PyImport_FrozenModules.
# Not here: the modules that CPython freezes by itself (Tools/scripts/freeze_modules.py), the link (build.sh).
# In: freeze.py OUTPUT_FOLDER FOLDER..., run by the very CPython version that is frozen. Out:
# frozen.bin and frozen.c. Same input, same bytes.

import marshal
import pathlib
import sys

# What no program can use in the guest: the interpreter's own tests and tools, windows, and what needs a C library or a
# process that is not there.
LEFT_OUT = set(
    "_aix_support _bootsubprocess _distutils_system_mod _osx_support __phello__ __hello__ antigravity bz2 crypt ctypes curses dbm"
    " distutils ensurepip idlelib lib2to3 lzma msilib pydoc_data site-packages sqlite3 ssl test this tkinter turtle turtledemo"
    " venv unittest.test webbrowser wsgiref".split()
)
# CPython's own frozen modules, which need no unmarshalling; the import system asks our table before them.
FROZEN_BY_CPYTHON = set(
    "importlib._bootstrap importlib._bootstrap_external zipimport abc codecs io _collections_abc _sitebuiltins genericpath"
    " ntpath posixpath os site stat importlib.util importlib.machinery runpy".split()
)


def modules(root, package=""):
    """(name, path, whether it is a package) of every module below `root`."""
    for path in sorted(root.iterdir()):
        name = package + path.stem
        if package + path.name in LEFT_OUT or name in LEFT_OUT:
            continue
        if path.suffix == ".py" and path.stem != "__init__" and name not in FROZEN_BY_CPYTHON:
            yield name, path, False
        elif (path / "__init__.py").is_file():
            if name not in FROZEN_BY_CPYTHON:
                yield name, path / "__init__.py", True
            yield from modules(path, name + ".")


def main(output, *roots):
    output, blob, rows = pathlib.Path(output), bytearray(), []
    for name, path, is_package in (module for root in roots for module in modules(pathlib.Path(root))):
        code = compile(path.read_bytes(), f"<frozen {name}>", "exec", dont_inherit=True, optimize=0)
        data = marshal.dumps(code)
        rows.append(f'    {{"{name}", blob + {len(blob)}, {len(data)}, {int(is_package)}, 0}},')
        blob += data
    (output / "frozen.bin").write_bytes(blob)
    table = "\n".join(rows)
    (output / "frozen.c").write_text(
        '#include <Python.h>\n\nstatic const unsigned char blob[] = {\n#embed "frozen.bin"\n};\n\n'
        f"const struct _frozen frozen_library[] = {{\n{table}\n    {{0}},\n}};\n"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
