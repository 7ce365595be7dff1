"""The house: which module may import which, and what a tagging process must not load."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import classifier
from tests.conftest import ROOT, SEEDS

# A room may import from those before it; nothing else is said about directions anywhere.
ROOMS = [
    *(
        "errors",
        "types",
        "__init__",
        "io",
        "resources",
        "text",
        "taxonomy",
        "readers",
        "segmentation",
        "datasets",
        "model",
    ),
    *(
        "tagging",
        "analysis",
        "evaluation",
        "training",
        "render",
        "cli",
        "predict",
        "train",
        "explain",
        "plots",
        "__main__",
    ),
]
# A policy shows itself in Jupyter, as pandas does with its tables.
UPWARD = {("tagging", "render"), ("tagging", "analysis")}
# What a room may import besides the standard library.
THIRD_PARTY = {
    "text": {"Stemmer"},
    "readers": {"docx", "httpx", "pypdfium2", "selectolax"},
    "datasets": {"numpy", "pandas"},
    "model": {"joblib", "numpy", "scipy", "sklearn"},
    "tagging": {"numpy", "pandas"},
    "analysis": {"phonenumbers"},
    "evaluation": {"joblib", "numpy", "sklearn"},
    "training": {"nltk", "numpy", "sklearn"},
    "render": {"click", "jinja2", "matplotlib", "numpy", "pyarrow"},
    "cli": {"click"},
}
MODULES = sorted((ROOT / "classifier").rglob("*.py"))


def room(path: Path) -> str:
    return path.relative_to(ROOT / "classifier").parts[0].removesuffix(".py")


def imports(path: Path) -> tuple[set[str], set[str]]:
    """The rooms and the third-party packages that a module imports anywhere, but for annotations."""
    rooms, others = set(), set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_annotations = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if node in for_annotations:
            continue
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            top, *rest = name.split(".")
            if top == "classifier":
                rooms.add(rest[0] if rest else "__init__")
            elif top not in sys.stdlib_module_names:
                others.add(top)
    return rooms, others


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_in_one_direction(path: Path) -> None:
    rooms, others = imports(path)
    here = room(path)
    before = {*ROOMS[: ROOMS.index(here)], here}
    assert {name for name in rooms if name in ROOMS} - before <= {to for name, to in UPWARD if name == here}
    assert others <= THIRD_PARTY.get(here, set())


def test_all_names_the_public_face() -> None:
    for name in classifier.__all__:
        assert getattr(classifier, name).__doc__
    assert set(classifier.__all__) <= set(dir(classifier))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        classifier.nothing  # noqa: B018


HEAVY = {"sklearn", "scipy", "pandas", "nltk", "matplotlib", "joblib", "pyarrow", "httpx", "docx", "pypdfium2"}
TEXT_ONLY = {*HEAVY, "selectolax", "jinja2"}


@pytest.mark.parametrize(
    ("code", "heavy"),
    [
        pytest.param("import classifier", {*HEAVY, "numpy"}, id="import"),
        pytest.param("run('--help')", {*HEAVY, "numpy"}, id="help"),
        pytest.param("run('--version')", {*HEAVY, "numpy"}, id="version"),
        pytest.param("run('evaluate', '--help')", {*HEAVY, "numpy"}, id="evaluate help"),
        pytest.param("classifier.load().predict(['We use cookies.'])", HEAVY, id="predict"),
        *(
            pytest.param(f"run('tag', {str(SEEDS[0])!r}, '-f', {f!r})", TEXT_ONLY, id=f"tag {f}")
            for f in ("text", "json", "jsonl", "csv", "markdown")
        ),
        pytest.param("run('tag', 'tests/pages/tables.html')", {*HEAVY, "jinja2"}, id="tag a page"),
    ],
)
def test_a_fresh_process_loads_no_more_than_it_needs(code: str, heavy: set[str]) -> None:
    script = f"""
import sys, classifier
def run(*words):
    from classifier.cli import main
    try:
        main(words)
    except SystemExit as end:
        assert not end.code, end.code
{code}
sys.exit(", ".join({{name.partition(".")[0] for name in sys.modules}} & {heavy!r}) or None)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, cwd=ROOT, check=False, text=True)
    assert done.returncode == 0, done.stderr
