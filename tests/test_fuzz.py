"""Sixty damaged files of each kind; `python -m tests.fuzz --cases 20000` tries more."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from classifier import Document
from classifier.types import Block
from tests import fuzz
from tests.conftest import ROOT

pytestmark = pytest.mark.slow

CASES = 60
SEED = 1


@pytest.mark.parametrize("reader", fuzz.READERS)
def test_damaged_files_are_read_or_refused(reader: str) -> None:
    count, _, failures = fuzz.fuzz(reader, SEED, CASES, on_failure=lambda failure: None)
    assert not failures, "\n".join(failure.line() for failure in failures)
    assert count == CASES


@pytest.mark.parametrize("reader", fuzz.READERS)
def test_a_case_depends_on_its_number_alone(reader: str) -> None:
    assert fuzz.made(reader, SEED, 7)[0] == fuzz.made(reader, SEED, 7)[0]
    assert len({fuzz.made(reader, SEED, case)[0] for case in range(30)}) > 20


@pytest.mark.parametrize("reader", fuzz.READERS)
def test_what_is_damaged_was_sound(reader: str) -> None:
    for content in fuzz.READERS[reader].sound():
        fuzz.READERS[reader].run(content, random.Random(0))


@pytest.mark.parametrize(
    ("text", "blocks", "what"),
    [
        pytest.param("We keep logs.", [(0, 7)], "text is lost after 7", id="lost"),
        pytest.param("We keep logs.", [(0, 7), (5, 13)], "begins before 7", id="overlapping"),
        pytest.param("We keep logs.", [(0, 3), (3, 13)], "ends with white space", id="white edge"),
        pytest.param("We keep logs.", [(0, 13), (13, 13)], "or is empty", id="empty"),
        pytest.param("We keep \ud800.", [(0, 10)], "surrogates not allowed", id="surrogate"),
    ],
)
def test_a_document_that_breaks_its_promises_is_found_out(text: str, blocks: list[tuple[int, int]], what: str) -> None:
    document = Document("x", text, tuple(Block("paragraph", start, end) for start, end in blocks))
    with pytest.raises((AssertionError, UnicodeEncodeError), match=what):
        fuzz.check_document(document)


@pytest.mark.parametrize(
    ("form", "written", "what"),
    [
        pytest.param("csv", "a,b\nx,y\n", "0 clauses", id="rows"),
        pytest.param("csv", "a,b\nx,y\rz\n", "rows for 1", id="a break that is not quoted"),
        pytest.param("csv", 'a,b\nx,"y\r=1+1"\n', "a formula", id="formula after a break"),
        pytest.param("csv", "a,b\nx\n", "1 cells of 2", id="cells"),
        pytest.param("html", "<p>x</p><script>x</script>", "tags of the policy", id="script"),
        pytest.param("html", "<p>\u202e</p>", "mark of direction", id="direction"),
        pytest.param("markdown", "\\<b> <b>", "tags of the policy", id="tag"),
        pytest.param("text", "\x1b[31m", "control character", id="escape"),
        pytest.param("jsonl", "{}\n{}\n", "not one for a clause", id="lines"),
    ],
)
def test_output_that_breaks_its_promises_is_found_out(form: str, written: str, what: str) -> None:
    n_clauses = 0 if what == "0 clauses" else 1
    with pytest.raises(AssertionError, match=what):
        fuzz._CHECKS[form](written, n_clauses, Document("x", "", ()))


def test_failures_are_not_kept_in_the_repository(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.fuzz", "--only", "taxonomy", "--cases", "1", "--keep"]
    done = subprocess.run([*command, str(ROOT / "kept")], capture_output=True, cwd=ROOT, check=False, text=True)
    assert done.returncode == 2
    assert "inside the repository" in done.stderr
    done = subprocess.run([*command, str(tmp_path)], capture_output=True, cwd=ROOT, check=False, text=True)
    assert done.returncode == 0, done.stdout
    assert "taxonomy: 1 cases, 0 failed" in done.stdout
