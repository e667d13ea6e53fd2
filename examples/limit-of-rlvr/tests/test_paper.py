"""What the command does around the experiment."""

from pathlib import Path

import pytest

import paper


def test_what_was_found_takes_the_place_of_what_stood_in_the_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document, picture = tmp_path / "small.md", tmp_path / "curves.png"
    document.write_text(f"before\n{paper.BEGIN}\nold\n{paper.END}\nafter\n")
    picture.write_bytes(b"a picture")
    monkeypatch.setattr(paper, "DOCUMENT", document)
    for _ in range(2):
        paper.record("found\n", [picture])
    text = document.read_text()
    assert text.startswith("before\n") and text.endswith(f"found\n{paper.END}\nafter\n") and "old" not in text
    assert text.count("![curves](small/curves.png)") == 1 and (tmp_path / "small/curves.png").read_bytes() == b"a picture"


def test_a_document_without_a_place_for_it_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = tmp_path / "small.md"
    document.write_text("nothing here\n")
    monkeypatch.setattr(paper, "DOCUMENT", document)
    with pytest.raises(SystemExit, match="expected"):
        paper.record("found\n", [])
    assert document.read_text() == "nothing here\n"
