"""Writes a measured section into docs/benchmarks.md, between markers that name it.

Not here: what the section says.
"""

from pathlib import Path

DOCUMENT = Path(__file__).resolve().parent.parent / "docs/benchmarks.md"


def replaced(text, name, section):
    """The document with the section in its place, or at its end where there is none of that name."""
    begin, end = f"<!-- bench: {name} -->", f"<!-- end of bench: {name} -->"
    block = f"{begin}\n{section.strip()}\n{end}"
    if begin not in text:
        return f"{text.rstrip()}\n\n{block}\n"
    before, _, rest = text.partition(begin)
    if end not in rest:
        raise ValueError(f"the section {name} of the document has no end")
    return before + block + rest.partition(end)[2]


def record(name, section, document=DOCUMENT):
    document.write_text(replaced(document.read_text(encoding="utf-8"), name, section), encoding="utf-8")
