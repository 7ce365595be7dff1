"""Files that cost more than a policy may are named; they are read in a process that looks nowhere for code."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from classifier import InternalReadError, ReadError
from classifier.readers import isolated, limits
from classifier.readers.registry import MAX_SHARED_BYTES, ReadOptions, parse, read_as
from tests.conftest import ROOT, SEEDS
from tests.test_pdf import raw

PAGES = sorted((ROOT / "tests/pages").glob("*.html"))


@pytest.mark.parametrize("path", [*SEEDS[:2], *PAGES[:3]], ids=lambda path: path.name)
def test_a_process_of_its_own_reads_the_same(path: Path) -> None:
    data, format = path.read_bytes(), "html" if path.suffix == ".html" else "text"
    for keep_all in (False, True):
        options = ReadOptions(keep_all)
        assert isolated.read_isolated(data, "x", format, options) == read_as(format, data, "x", options)


def test_any_character_comes_back_as_it_was() -> None:
    text = "We share \U0001f600 data\u2028with\x1e\x85 partners\u200b\xa0.\r\r\n\nMore."
    assert isolated.read_isolated(text.encode(), "x", "text", ReadOptions())[0].text == text


def test_a_large_file_is_read_in_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    paragraph = b"We share your data with partners.\n\n"
    large = paragraph * (MAX_SHARED_BYTES // len(paragraph) + 1)
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert parse(paragraph, "x").text
    with pytest.raises(ReadError, match="x: cannot be read: Python cannot be started again for it"):
        parse(large, "x")


def test_a_refusal_is_handed_over() -> None:
    with pytest.raises(ReadError, match=r"^x: is damaged: not a valid PDF$"):
        parse(b"%PDF-1.7 and nothing else", "x")


def test_memory_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_MEMORY_BYTES", 200 * 2**20)
    with pytest.raises(ReadError, match="x: takes more memory than a policy does .over 200 MiB"):
        parse(("\U0001f600 " * 10_000_000).encode(), "x")


def test_a_text_of_many_millions_of_characters_is_refused() -> None:
    with pytest.raises(
        ReadError, match="x: has more than 20,000,000 characters; a policy has far fewer, split the file"
    ):
        parse(b"[a](b) " * 3_000_000, "x")


@pytest.mark.slow
def test_a_bomb_is_refused_and_the_process_lives() -> None:
    """Forms that each draw the next one ten times: two kilobytes for ten million characters."""
    forms = []
    for number in range(9):
        content = b"/X Do " * 10 if number < 8 else b"BT /F1 11 Tf 72 700 Td (hello) Tj ET"
        resources = b"/Resources << /XObject << /X %d 0 R >> /Font << /F1 3 0 R >> >>" % (5 + number)
        head = b"<< /Type /XObject /Subtype /Form /BBox [0 0 612 792] %s /Length %d >>" % (resources, len(content))
        forms.append(b"%s\nstream\n%s\nendstream" % (head, content))
    data = raw([b"/X Do"], tuple(forms), b"/XObject << /X 4 0 R >>")
    with pytest.raises(ReadError, match=r"takes more memory|takes more than|has over 5,000,000 characters"):
        parse(data, "n", ".pdf")


def test_time_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"MIN_SECONDS": 1.0, "MAX_SECONDS": 1.0}.items():
        monkeypatch.setattr(limits, name, value)
    begin = time.monotonic()
    text = "We share.\r" * 1_900_000
    with pytest.raises(ReadError, match=r"x: takes more than 1 seconds of processor time to read"):
        isolated.read_isolated(text.encode(), "x", "text", ReadOptions())
    assert time.monotonic() - begin < 30


def test_a_fault_of_a_reader_is_told_with_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        isolated,
        "_CHILD_CODE",
        f"import classifier.readers.plaintext as m; m.find_blocks = None; {isolated._CHILD_CODE}",
    )
    with pytest.raises(
        InternalReadError, match=r"x: could not be read because of a bug in policy-clauses \(TypeError: "
    ) as found:
        isolated.read_isolated(b"We share your data.", "x", "text", ReadOptions())
    assert "Traceback (most recent call last)" in found.value.__notes__[0]


def test_no_code_of_the_current_folder_is_run(tmp_path: Path) -> None:
    for name in ("json", "re", "traceback", "signal", "selectolax", "encodings", "resource", "classifier"):
        (tmp_path / f"{name}.py").write_text("open('RAN', 'w').close(); raise SystemExit")
    code = "from classifier.readers.isolated import *; print(read_isolated(b'We share data.', 'x', 'text', ReadOptions())[0].text)"
    command = [sys.executable, "-P", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {code}"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "We share data.\n"
    assert not (tmp_path / "RAN").exists()


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"documents": []}, id="no document"),
        pytest.param({}, id="nothing"),
        pytest.param([], id="a list"),
        pytest.param({"documents": [{"name": "other.pdf", "format": "pdf"}]}, id="another file"),
        pytest.param({"documents": [{"name": "x.pdf", "format": "html"}]}, id="another format"),
        pytest.param({"documents": [{"name": "x.pdf", "format": "pdf"}]}, id="fields are missing"),
    ],
)
def test_an_answer_that_is_not_valid_is_not_believed(answer: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file may take the child over; all that it can return is checked."""
    monkeypatch.setattr(isolated, "_CHILD_CODE", f"print({json.dumps(json.dumps(answer))})")
    with pytest.raises(ReadError, match="^x.pdf: "):
        isolated.read_isolated(b"%PDF-", "x.pdf", "pdf", ReadOptions())


def test_names_from_a_child_are_escaped_again(monkeypatch: pytest.MonkeyPatch) -> None:
    document = {
        "name": "x.pdf\x1b[31m",
        "format": "pdf",
        "text": "We share.",
        "blocks": [],
        "encoding": "",
        "coverage": 1.0,
    }
    answer = {"documents": [{**document, "notes": [], "left_out": [], "links": []}]}
    monkeypatch.setattr(isolated, "_CHILD_CODE", f"print({json.dumps(json.dumps(answer))})")
    (found,) = isolated.read_isolated(b"%PDF-", "x.pdf", "pdf", ReadOptions())
    assert found.name == "x.pdf\\x1b[31m"
