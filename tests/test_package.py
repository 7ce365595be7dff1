"""What people install: the wheel works in an empty environment and folder, and the README's commands work."""

import doctest
import json
import os
import re
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import pytest

import classifier
from classifier.errors import ClassifierError, require_package
from tests.conftest import ROOT, SEEDS

README = (ROOT / "README.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
MAX_INSTALLED_BYTES = 100 * 10**6
INSTALLERS = re.compile(r"pip|setuptools|pkg_resources|_distutils_hack|distutils-precedence")
"""What `venv` puts into site-packages by itself."""


def call(*words: object, cwd: Path = ROOT, status: int = 0) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run([*map(str, words)], capture_output=True, text=True, cwd=cwd, check=False, encoding="utf-8")
    assert done.returncode == status, done.stdout + done.stderr
    return done


@pytest.mark.slow
def test_the_wheel_tags_in_an_empty_environment_and_folder(tmp_path: Path) -> None:
    call(sys.executable, "-m", "build", "--wheel", "--outdir", tmp_path / "dist", ROOT)
    (wheel,) = (tmp_path / "dist").glob("policy_clauses-*.whl")
    assert wheel.name == f"policy_clauses-{classifier.__version__}-py3-none-any.whl"
    venv.create(tmp_path / "env", with_pip=True)
    binaries = tmp_path / "env" / ("Scripts" if os.name == "nt" else "bin")
    python, clauses = binaries / "python", binaries / "clauses"
    call(python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "-c", ROOT / "constraints.txt", wheel)
    empty = tmp_path / "empty"
    empty.mkdir()
    for policy in (SEEDS[0], next(path for path in SEEDS if path.suffix == ".md"), ROOT / "tests/pages/tables.html"):
        done = call(clauses, "tag", policy, "--format", "json", cwd=empty)
        assert json.loads(done.stdout)["policies"][0]["clauses"]
        assert (
            "Content-Security-Policy" in call(clauses, "tag", policy, "--format", "html", "--explain", cwd=empty).stdout
        )
    where = "import classifier.resources as r; print(r.bundled('data/taxonomy.toml'), r.default_model())"
    assert len(re.findall(r"site-packages.classifier._data", call(python, "-c", where, cwd=empty).stdout)) == 2
    refused = call(clauses, "train", ROOT / "data/clauses", "-o", "mine", cwd=empty, status=1).stderr
    assert re.fullmatch(r'clauses: [^\n]*not installed: [^\n]*pip install "policy-clauses\[train\]"\n', refused)
    assert list(empty.iterdir()) == []
    (packages,) = (tmp_path / "env").rglob("site-packages")
    files = [path for path in packages.rglob("*") if not INSTALLERS.match(path.relative_to(packages).parts[0])]
    assert sum(path.stat().st_size for path in files if path.is_file()) < MAX_INSTALLED_BYTES


def names(requirements: list[str]) -> set[str]:
    """The names of the packages in a list of requirements, those of the named extras of this project included."""
    result = set()
    for requirement in requirements:
        name, _, extras = re.split(r"[>=<~! ]", requirement)[0].rstrip("]").partition("[")
        if name == "policy-clauses":
            for extra in extras.split(","):
                result |= names(PROJECT["optional-dependencies"][extra])
        else:
            result.add(name.lower())
    return result


def test_what_is_installed_by_default_is_what_tagging_needs() -> None:
    assert names(PROJECT["dependencies"]) == {"click", "jinja2", "numpy", "phonenumberslite", "pystemmer", "selectolax"}


def test_all_is_every_extra_of_users_and_dev_has_it() -> None:
    extras = PROJECT["optional-dependencies"]
    users = ("pdf", "docx", "web", "parquet", "train", "plots")
    assert names(extras["all"]) == set().union(*(names(extras[extra]) for extra in users))
    assert names(extras["all"]) <= names(extras["dev"])


def test_every_package_has_a_pinned_version_for_development() -> None:
    pinned = {line.partition("==")[0].lower() for line in (ROOT / "constraints.txt").read_text().splitlines()}
    for extra in ("dev", "docs", "notebook"):
        assert names(PROJECT["dependencies"]) | names(PROJECT["optional-dependencies"][extra]) <= pinned


OPTIONAL = "docx httpx joblib matplotlib nltk pandas pyarrow pypdfium2 scipy sklearn".split()
WITHOUT_EXTRAS = f"""
import sys
for name in {OPTIONAL}:
    sys.modules[name] = None
"""


@pytest.mark.parametrize(
    ("words", "extra"),
    [
        pytest.param(["train", "rows.jsonl", "-o", "mine"], "train", id="train"),
        pytest.param(["audit", "rows.jsonl"], "train", id="audit"),
        pytest.param(["evaluate", "rows.jsonl"], "train", id="evaluate"),
        pytest.param(["evaluate", "rows.jsonl", "--model", "default"], "train", id="evaluate a model"),
        pytest.param(["evaluate", "--compare", "a.json", "b.json"], "train", id="compare"),
        pytest.param(["evaluate", "rows.jsonl", "-o", "report.html"], "plots", id="evaluate as a page"),
        pytest.param(["export", str(ROOT / "models/default"), "-o", "mine.joblib"], "train", id="export"),
        pytest.param(["tag", str(SEEDS[0]), "-o", "out.parquet"], "parquet", id="Parquet"),
        pytest.param(["tag", "https://example.org/privacy"], "web", id="address"),
        pytest.param(["tag", "a.pdf"], "pdf", id="PDF"),
        pytest.param(["tag", "a.docx"], "docx", id="Word"),
    ],
)
def test_a_command_names_the_missing_extra_in_one_sentence(words: list[str], extra: str, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7")
    (tmp_path / "a.docx").write_bytes(b"PK\x03\x04 word/document")
    (tmp_path / "rows.jsonl").write_text("no JSON")
    before = sorted(tmp_path.iterdir())
    script = f"{WITHOUT_EXTRAS}\nsys.path.insert(0, {str(ROOT)!r})\nfrom classifier.cli import main\nmain(sys.argv[1:])"
    said = call(sys.executable, "-c", script, *words, cwd=tmp_path, status=1).stderr
    assert re.fullmatch(rf'clauses: [^\n]*not installed: [^\n]*pip install "[^"\n]+\[{extra}\]"[^\n]*\n', said), said
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("code", "extra"),
    [
        pytest.param("from classifier import ClauseClassifier", "train", id="estimator"),
        pytest.param("import classifier.train", "train", id="train"),
        pytest.param("import classifier.plots", "plots", id="plots"),
        pytest.param(
            "import classifier; classifier.load().tag_text('We use cookies.').to_frame()", "train", id="to_frame"
        ),
    ],
)
def test_python_names_the_missing_extra(code: str, extra: str) -> None:
    script = f"{WITHOUT_EXTRAS}\ntry:\n    {code}\nexcept ImportError as error:\n    print(type(error).__name__, error)"
    said = call(sys.executable, "-c", script).stdout
    assert said.startswith("MissingPackageError ")
    assert f'[{extra}]"' in said


def test_an_installed_package_is_not_missed() -> None:
    require_package("tables", "train", "pandas", "json")
    with pytest.raises(ClassifierError, match=r"^ghosts need a package that is not installed: .*pip install .*\[all\]"):
        require_package("ghosts", "all", "json", "no_such_module")


def test_the_version_has_one_source() -> None:
    assert PROJECT["dynamic"] == ["readme", "version"]
    assert "version" not in PROJECT
    assert not re.search(r"^version:", (ROOT / "CITATION.cff").read_text(encoding="utf-8"), re.MULTILINE)


def commands() -> list[str]:
    blocks = re.findall(r"^```(?:sh|console)\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    lines = [line.removeprefix("$ ").partition("  #")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.startswith(("clauses ", "make tag"))]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the README's commands write instead of models/mine and /tmp; later ones use what earlier ones wrote."""
    return tmp_path_factory.mktemp("readme")


@pytest.mark.slow
@pytest.mark.skipif(
    not (ROOT / ".venv/bin/clauses").exists(), reason="the README's commands run in .venv, which make creates"
)
@pytest.mark.parametrize("command", commands())
def test_the_commands_of_the_readme_work(command: str, place: Path) -> None:
    command = re.sub(r"(?<![\w/])(?:models/|/tmp/)(?=\w)", f"{place}/", command)
    call("bash", "-euo", "pipefail", "-c", f'PATH="{ROOT}/.venv/bin:$PATH" && {command}')


def test_the_readme_names_its_two_commands() -> None:
    assert "make tag POLICY=seeds/phone.com-2019.txt" in README
    assert "make test" in README


def test_the_python_of_the_readme_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    results = doctest.testfile(
        str(ROOT / "README.md"),
        module_relative=False,
        encoding="utf-8",
        optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE,
    )
    assert results.attempted > 3
    assert results.failed == 0


@pytest.mark.skipif(os.name == "nt", reason="needs make")
def test_make_alone_prints_help() -> None:
    shown = call("make").stdout
    targets = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert targets is not None
    for target in targets[1].split():
        assert f"make {target} " in shown


def test_the_workflow_names_tests_that_exist() -> None:
    workflow = (ROOT / ".github/workflows/test.yml").read_text(encoding="utf-8")
    named = re.findall(r"tests/\w+\.py", workflow)
    assert len(named) > 5
    assert [name for name in named if not (ROOT / name).exists()] == []
