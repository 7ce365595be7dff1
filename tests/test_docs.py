"""The documentation is true: its examples run, its help is the help of the commands, its links and file names lead somewhere.

`CLAUSES_UPDATE_DOCS=1 pytest tests/test_docs.py` writes the help of all commands into docs/cli.md.
"""

import doctest
import os
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from classifier import Tagger
from classifier.cli import main
from classifier.datasets.rows import load_examples
from classifier.render.formats import FORMAT_BY_SUFFIX, FORMAT_NAMES
from classifier.render.table import clause_columns
from classifier.taxonomy import parse_taxonomy
from tests.conftest import ROOT
from tests.test_architecture import ROOMS

PAGES = sorted((ROOT / "docs").rglob("*.md"))
TEXTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *PAGES]
REPOSITORY = "https://github.com/policy-clauses/policy-clauses"
MAX_README_WORDS = 900
MAX_PICTURE_BYTES = 300_000
EXAMPLE_FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def blocks(path: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", read(path), re.DOTALL | re.MULTILINE)


def commands(group: click.Group, path: str = "clauses") -> Iterator[tuple[str, click.Command]]:
    yield path, group
    for word, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {word}")
        else:
            yield f"{path} {word}", command


COMMANDS = dict(commands(main))
HELP = re.compile(r"(<!-- help: (clauses[\w -]*) -->\n```text\n)(.*?)(```\n<!-- end of help -->)", re.DOTALL)


def shown_help(path: str) -> str:
    done = CliRunner().invoke(main, [*path.split()[1:], "--help"], prog_name="clauses", terminal_width=80)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.parametrize("path", COMMANDS)
def test_the_help_of_each_command_is_documented(path: str) -> None:
    page = ROOT / "docs/cli.md"
    if os.environ.get("CLAUSES_UPDATE_DOCS"):
        page.write_text(HELP.sub(lambda m: m[1] + shown_help(m[2]) + m[4], read(page)), encoding="utf-8")
    documented = {match[2]: match[3] for match in HELP.finditer(read(page))}
    assert path in documented, f"docs/cli.md: no block `<!-- help: {path} -->`"
    assert documented[path] == shown_help(path), "CLAUSES_UPDATE_DOCS=1 pytest tests/test_docs.py writes it anew"


@pytest.mark.parametrize("path", [path for path in PAGES if ">>> " in read(path)], ids=name)
def test_the_python_of_a_page_works(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    source = "\n".join(blocks(path, "python"))
    test = doctest.DocTestParser().get_doctest(source, {}, name(path), str(path), 0)
    found: list[str] = []
    results = doctest.DocTestRunner(optionflags=EXAMPLE_FLAGS).run(test, out=found.append)
    assert results.attempted
    assert not results.failed, "".join(found)


def consoles() -> list[tuple[str, str]]:
    """List the commands that are shown with their output."""
    examples = [block for path in TEXTS for block in blocks(path, "console")]
    return [
        (found[1], found[2]) for found in (re.fullmatch(r"\$ (clauses .*)\n((?s:.*))", e) for e in examples) if found
    ]


@pytest.mark.parametrize(("command", "output"), consoles(), ids=lambda text: text[:60].replace("\n", " "))
def test_a_command_writes_the_output_shown(command: str, output: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    done = CliRunner().invoke(main, shlex.split(command)[1:], prog_name="clauses")
    assert doctest.OutputChecker().check_output(output, done.output, doctest.ELLIPSIS), done.output


def invocations() -> list[str]:
    """List the commands that are shown without output."""
    lines = [line for path in TEXTS for block in blocks(path, "sh") for line in block.splitlines()]
    words = [re.split(r"  #| \| ", line)[0].removeprefix(".venv/bin/").strip() for line in lines]
    return sorted({line for line in words if line.startswith("clauses ")})


@pytest.mark.parametrize("line", invocations())
def test_the_options_and_files_of_a_command_exist(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    words = shlex.split(line)
    path = max((p for p in COMMANDS if words[: len(p.split())] == p.split()), key=len)
    COMMANDS[path].make_context(path, words[len(path.split()) :])  # exits or raises where the command line is wrong
    for word in words:
        if word.startswith(("seeds/", "data/", "tests/", "models/default")):
            assert list(ROOT.glob(word)), word


@pytest.mark.parametrize("path", TEXTS, ids=name)
def test_links_and_file_names_lead_somewhere(path: Path) -> None:
    text = re.sub(r"^```.*?^```", "", read(path), flags=re.DOTALL | re.MULTILINE)
    for target in re.findall(r"\]\(([^)\s#]+)[^)]*\)", text):
        if target.startswith(f"{REPOSITORY}/blob/main/"):
            assert (ROOT / target.removeprefix(f"{REPOSITORY}/blob/main/")).exists(), target
        elif "://" not in target:
            assert (path.parent / target).exists(), target
    for file in re.findall(r"`((?:classifier|tests|benchmarks|data|docs|models|seeds)/[\w./-]*)`", text):
        assert (ROOT / file).exists(), file


def test_the_readme_is_short_and_its_categories_are_those_of_the_taxonomy() -> None:
    readme = read(ROOT / "README.md")
    assert len(readme.split()) <= MAX_README_WORDS
    with (ROOT / "data/taxonomy.toml").open("rb") as file:
        categories = tomllib.load(file)["category"]
    rows = re.findall(r"^\| `(\w+)` \| .*? \|(.*?)\|(.*?)\|$", readme, re.MULTILINE)
    assert [id for id, *_ in rows] == [category["id"] for category in categories]
    for category, (_, gdpr, ccpa) in zip(categories, rows, strict=True):
        articles = [re.sub(r"^Arts?\. ", "", article) for article in category["gdpr"]]
        assert gdpr.strip() == ", ".join(articles)
        assert ccpa.strip() == ", ".join(section.removeprefix("1798.") for section in category["ccpa"])


def test_every_column_and_format_is_documented(tagger: Tagger) -> None:
    page = read(ROOT / "docs/output.md")
    for column in set(clause_columns(tagger)) - set(tagger.categories):
        assert f"`{column}`" in page
    for word in (*FORMAT_NAMES, *FORMAT_BY_SUFFIX):
        assert f"`{word}`" in page


@pytest.mark.parametrize("source", [block for path in TEXTS for block in blocks(path, "toml")])
def test_a_taxonomy_of_the_documentation_is_valid(source: str) -> None:
    assert parse_taxonomy(source).ids


@pytest.mark.parametrize("source", [block for path in TEXTS for block in blocks(path, "json")])
def test_a_row_of_the_documentation_is_valid(source: str, tmp_path: Path, tagger: Tagger) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text(source, encoding="utf-8")
    assert load_examples([rows], tagger.model.taxonomy)


def test_contributing_lists_the_rooms_in_the_order_of_their_imports() -> None:
    table = re.findall(r"^\| (`.*?`) \|", read(ROOT / "CONTRIBUTING.md"), re.MULTILINE)
    listed = [room for cell in table for room in re.findall(r"`(\w+)`", cell)]
    doors = {"__init__", "__main__", "predict", "train", "explain", "plots"}
    assert listed == [room for room in ROOMS if room not in doors]


def test_the_site_lists_every_page() -> None:
    listed = re.findall(r": ([\w/-]+\.md)$", read(ROOT / "mkdocs.yml"), re.MULTILINE)
    assert sorted(listed) == sorted(str(path.relative_to(ROOT / "docs")) for path in PAGES)


def test_pictures_are_small() -> None:
    for path in (ROOT / "docs").rglob("*.png"):
        assert path.stat().st_size <= MAX_PICTURE_BYTES, path.name
