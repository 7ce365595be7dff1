"""The house: which module may import which, and what a tagging process must not load."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import classifier
from tests.conftest import ROOT, SEEDS

LAYERS = [
    {"errors", "types"},
    {
        "taxonomy",
        "text",
        "files",
        "folds",
        "metrics",
        "templates",
        "terms",
        "hashtable",
        "parallel",
        "limits",
        "sequences",
    },
    {"readers", "segment", "dataset", "description", "model", "corpora", "report", "tokenizer"},
    {"engine", "vectorize", "estimator", "compare", "protocols", "sentences"},
    {"explain", "predict", "predictions", "baselines", "figures", "export"},
    {"render", "batch", "notebook", "plots", "train", "evaluate", "audit", "card"},
    {"cli", "__main__"},
]
LAYER = {module: number for number, modules in enumerate(LAYERS) for module in modules}
# what a module may bring along from elsewhere, beside the standard library and what its row says in CONTRIBUTING.md
THIRD_PARTY = {
    "text": {"Stemmer"},
    "folds": {"numpy"},
    "templates": {"jinja2"},
    "dataset": {"pandas"},
    "terms": {"numpy"},
    "hashtable": {"numpy"},
    "tokenizer": {"numpy"},
    "model": {"numpy"},
    "engine": {"numpy"},
    "explain": {"numpy"},
    "estimator": {"numpy", "scipy", "sklearn"},
    "vectorize": {"numpy", "scipy", "sklearn"},
    "predict": {"numpy", "pandas"},
    "predictions": {"joblib", "numpy", "sklearn"},
    "metrics": {"numpy"},
    "compare": {"numpy"},
    "baselines": {"numpy"},
    "figures": {"numpy"},
    "evaluate": {"numpy"},
    "export": {"joblib", "numpy", "sklearn"},
    "train": {"numpy", "sklearn"},
    "audit": {"numpy"},
    "readers": {"docx", "httpx", "pypdfium2", "selectolax"},
    "sentences": {"nltk"},
    "render": {"click", "matplotlib", "numpy", "pyarrow"},
    "plots": {"matplotlib"},
    "cli": {"click"},
}
MODULES = sorted((ROOT / "classifier").rglob("*.py"))


def room(path: Path) -> str:
    return path.relative_to(ROOT / "classifier").parts[0].removesuffix(".py")


def imports(path: Path) -> tuple[set[str], set[str]]:
    """The rooms and the third-party packages that a module imports anywhere."""
    rooms, others = set(), set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            top, *rest = name.split(".")
            if top == "classifier":
                rooms.add(rest[0] if rest else "")
            elif top not in sys.stdlib_module_names:
                others.add(top)
    return rooms - {""}, others


@pytest.mark.parametrize(
    "path", [path for path in MODULES if room(path) != "__init__"], ids=lambda p: str(p.relative_to(ROOT))
)
def test_imports_point_in_one_direction(path: Path) -> None:
    rooms, others = imports(path)
    here = LAYER[room(path)]
    later = {name for name in rooms if LAYER.get(name, 0) > here}
    # a policy shows itself in Jupyter, and `python -m` runs a command
    assert later <= {"predict": {"notebook", "cli"}, "train": {"cli"}}.get(room(path), set())
    assert others <= THIRD_PARTY.get(room(path), set())


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
