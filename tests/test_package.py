"""What people install: the wheel works in an empty environment and folder; what the README says works."""

import json
import re
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.conftest import ROOT, SEEDS

README = (ROOT / "README.md").read_text(encoding="utf-8")


def call(*words: object, cwd: Path = ROOT) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run([*map(str, words)], capture_output=True, text=True, cwd=cwd, check=False, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def test_the_wheel_tags_in_an_empty_environment_and_folder(tmp_path: Path) -> None:
    call(sys.executable, "-m", "build", "--wheel", "--outdir", tmp_path / "dist", ROOT)
    (wheel,) = (tmp_path / "dist").glob("policy_clauses-*.whl")
    venv.create(tmp_path / "env", with_pip=True)
    binaries = tmp_path / "env/bin"
    call(binaries / "pip", "install", "-q", "--disable-pip-version-check", "-c", ROOT / "constraints.txt", wheel)
    empty = tmp_path / "empty"
    empty.mkdir()
    done = call(binaries / "clauses", "tag", SEEDS[0], "--format", "json", cwd=empty)
    assert json.loads(done.stdout)["policies"][0]["clauses"]
    where = "import classifier.model.persistence as m; print(m.shipped('data/taxonomy.toml'), m.default_path())"
    shipped = call(binaries / "python", "-c", where, cwd=empty).stdout
    assert shipped.count("site-packages/classifier/_data") == 2
    assert (tmp_path / "env/lib").exists()
    assert list(empty.iterdir()) == []


def commands() -> list[str]:
    blocks = re.findall(r"^```(?:sh|console)\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    lines = [line.removeprefix("$ ").partition("  #")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.startswith((".venv/bin/", "make tag"))]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the README's commands write instead of models/mine and /tmp; later ones use what earlier ones wrote."""
    return tmp_path_factory.mktemp("readme")


@pytest.mark.skipif(
    not (ROOT / ".venv/bin/clauses").exists(), reason="the README's commands run in .venv, which make makes"
)
@pytest.mark.parametrize("command", commands())
def test_the_commands_of_the_readme_work(command: str, place: Path) -> None:
    call("bash", "-euo", "pipefail", "-c", re.sub(r"(?<![\w/])(?:models/|/tmp/)(?=\w)", f"{place}/", command))


def test_the_readme_names_its_two_commands() -> None:
    assert "make tag POLICY=seeds/phone.com-2019.txt" in README
    assert "make test" in README


def test_the_python_of_the_readme_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import doctest

    monkeypatch.chdir(ROOT)
    results = doctest.testfile(
        str(ROOT / "README.md"), module_relative=False, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    )
    assert results.attempted > 3
    assert results.failed == 0


def test_make_alone_prints_help() -> None:
    shown = call("make").stdout
    for target in ("tag", "train", "test", "check", "bench", "notebook"):
        assert f"make {target} " in shown
