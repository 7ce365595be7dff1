"""No code that lies beside the policies is run, whatever the command and however many processes it starts."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from classifier.evaluation.cross_validation import MIN_PARALLEL_ROWS
from tests.conftest import ROOT

pytestmark = pytest.mark.slow

# modules that our processes load early, and some that they load late
NAMES = (
    "_common asyncio cloudpickle click collections concurrent contextlib csv ctypes docx email encodings fcntl hashlib html "
    "httpx importlib inspect io jinja2 joblib json logging loky lxml matplotlib multiprocessing nltk numpy os pandas pathlib "
    "pickle platform pypdfium2 queue random re resource selectolax selectors shutil signal sklearn socket stat Stemmer struct "
    "subprocess tempfile threading tomllib traceback types typing uuid warnings weakref xml zipfile"
).split()
LONG = "We share your personal data with partners, and keep it for thirty days after you have closed your account. "


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with policies in all formats, rows and a model, beside modules that leave a mark when they are run."""
    import docx
    from reportlab.pdfgen.canvas import Canvas

    folder = tmp_path_factory.mktemp("beside")
    for name in NAMES:
        (folder / f"{name}.py").write_text(
            "import builtins\nbuiltins.open('RAN', 'a').write(__name__ + ' ')\nraise ImportError"
        )
    for number in range(3):
        (folder / f"{number}.txt").write_text(LONG)
    (folder / "a.html").write_text(f"<html><body><p>{LONG}</p></body></html>")
    canvas = Canvas(str(folder / "a.pdf"))
    canvas.drawString(72, 700, LONG[:80])
    canvas.save()
    document = docx.Document()
    document.add_paragraph(LONG)
    document.save(str(folder / "a.docx"))
    few, many = folder / "few", folder / "many"
    few.mkdir()
    many.mkdir()
    labelled = [("We retain logs for years.", ["retention"]), ("A cookie is a file.", ["cookies"]), ("Welcome.", [])]
    for rows, length in ((few, 60), (many, MIN_PARALLEL_ROWS)):  # from so many on processes of their own pay
        with (rows / "rows.jsonl").open("w") as file:
            for number in range(length):
                text, labels = labelled[number % 3]
                text = f"{text} {' '.join(f'w{number % 8}x{(number * k) % 97}' for k in range(8))}"
                file.write(json.dumps({"policy": f"p{number % 8}", "text": text, "labels": labels}) + "\n")
    script = folder.parent / "clauses"
    script.write_text(
        f"import sys; sys.path.insert(1, {str(ROOT)!r}); from classifier.cli import main\n"
        "if __name__ == '__main__':\n    main()\n"
    )
    return folder


@pytest.mark.parametrize(
    "words",
    [
        pytest.param("tag 0.txt 1.txt 2.txt -f jsonl --jobs 2", id="tag in processes"),
        pytest.param("tag 0.txt a.html a.pdf a.docx -f jsonl", id="tag in all formats"),
        pytest.param("tag a.html a.pdf a.docx 0.txt --explain --jobs 2 -f html", id="tag pages in processes"),
        pytest.param("train few -o mine --fast -j 2", id="train"),
        pytest.param("evaluate many --fast --no-curve --folds 2 -j 2 -f json", id="evaluate"),
        pytest.param("audit few -n 1 -j 2", id="audit"),
    ],
)
def test_no_code_beside_the_policies_is_run(words: str, beside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    command = [sys.executable, str(beside.parent / "clauses"), *words.split()]
    taxonomy = [] if "tag" in words else ["--taxonomy", str(ROOT / "data/taxonomy.toml")]
    done = subprocess.run([*command, *taxonomy], cwd=beside, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr
    ran = beside / "RAN"
    assert not ran.exists(), ran.read_text()
