"""Compares what two texts compile to, for all pairs X.0 and X.1 in a folder, but for lines, docstrings and local names."""
import ast
import dis
import pathlib
import sys
import types
import warnings

if sys.version_info < (3, 11):
    sys.exit(3)
warnings.simplefilter("ignore")


def tree(source):
    parsed = ast.parse(source)
    for node in ast.walk(parsed):
        if isinstance(node, (ast.Module, ast.FunctionDef, ast.ClassDef)) and ast.get_docstring(node, False) is not None:
            del node.body[0]
            if not node.body and not isinstance(node, ast.Module):
                node.body.append(ast.Pass())
    for node in ast.walk(parsed):
        if "lineno" in node._attributes:
            node.lineno = node.end_lineno = 1
            node.col_offset = node.end_col_offset = 0
        if isinstance(node, ast.Constant):
            node.kind = None
    return ast.fix_missing_locations(parsed)


def number(name, names):
    if isinstance(name, tuple):
        return tuple(number(part, names) for part in name)
    return names.setdefault(name, len(names))


def plain(constant):
    return (type(constant), repr(constant)) if not isinstance(constant, types.CodeType) else "code"


def code(of, names):
    """Cells stand in the order of their names, so what makes them and gathers them is only counted."""
    parameters = of.co_argcount + of.co_kwonlyargcount + bool(of.co_flags & 4) + bool(of.co_flags & 8)
    result = [of.co_name, of.co_flags, of.co_varnames[:parameters], of.co_names, len(of.co_cellvars), len(of.co_freevars)]
    steps = [step for step in dis.get_instructions(of) if step.opname not in ("MAKE_CELL", "COPY_FREE_VARS")]
    gathered = set()
    for at, step in enumerate(steps[:-1]):
        after = steps[at + 1]
        if step.opname == "BUILD_TUPLE" and after.opname == "LOAD_CONST" and isinstance(after.argval, types.CodeType):
            gathered.update(range(at - step.arg, at))
    inner = []
    for at, step in enumerate(steps):
        if at in gathered:
            result.append("gathered")
        elif step.opcode in dis.haslocal or step.opcode in dis.hasfree or "FAST" in step.opname:
            result.append((step.opname, number(step.argval, names)))
        elif isinstance(step.argval, types.CodeType):
            inner.append(step.argval)
        elif step.opcode in dis.hasconst:
            result.append((step.opname, plain(step.argval)))
        else:
            result.append((step.opname, step.arg))
    return result, [code(part, names) for part in inner]


def program(source):
    of = compile(tree(source), "program", "exec", dont_inherit=True)
    functions = [constant for constant in of.co_consts if isinstance(constant, types.CodeType)]
    # Names are numbered for each function anew; of a module and a class only the code is compared here.
    return code(of, {})[0], [code(part, {}) for part in functions if part.co_flags & 2]


for one in sorted(pathlib.Path(sys.argv[1]).glob("*.0")):
    texts = one.read_text(), one.with_suffix(".1").read_text()
    if program(texts[0]) != program(texts[1]):
        sys.exit("these differ:\n%s\n---\n%s\n%s\n%s" % (*texts, program(texts[0]), program(texts[1])))
