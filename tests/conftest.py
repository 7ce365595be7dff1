"""What many tests need: the seeds, the default model, and a small labelled set whose words tell its categories."""

from __future__ import annotations

import gc
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import hypothesis
import pytest

import classifier
from classifier import Tagger
from classifier.cli import main
from classifier.taxonomy import Taxonomy, load_taxonomy
from tests.children import coverage_variables

# No deadline: machines are slow at times. In CI the same examples each time: a new one should not fail someone else's change.
hypothesis.settings.register_profile("here", deadline=None, max_examples=60)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, max_examples=60)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "here")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Measure no coverage in slow tests: it would make them three times slower, and the others cover what they do."""
    for item in items:
        if item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.no_cover)


@pytest.fixture(autouse=True)
def unmeasured_processes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Measure none in the processes that such a test starts either."""
    if request.node.get_closest_marker("no_cover"):
        for name in coverage_variables():
            monkeypatch.delenv(name)


pytest.register_assert_rewrite("tests.strategies")  # its checks fail with the values compared, as those of a test do

ROOT = Path(__file__).parent.parent
CASES = ROOT / "tests/cases"
SEEDS = sorted(path for path in (ROOT / "seeds").iterdir() if path.name != "README.md")


@pytest.fixture(scope="session")
def tagger() -> Tagger:
    return classifier.load(ROOT / "models/default")


@pytest.fixture(scope="session")
def taxonomy() -> Taxonomy:
    return load_taxonomy(ROOT / "data/taxonomy.toml")


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """A folder with one file of 60 rows of six policies; two categories, and rows without a label."""
    folder = tmp_path / "rows"
    folder.mkdir()
    rows = [
        {"id": f"{policy}-{number}", "policy": policy, "text": text, "labels": labels}
        for policy in "abcdef"
        for number, (text, labels) in enumerate(
            [
                (f"We retain records of kind {policy} for some years.", ["retention"]),
                (f"Logs of {policy} are retained until they are no longer needed.", ["retention"]),
                (f"How long do we store and retain {policy}? A month.", ["retention"]),
                (f"A cookie is a file that {policy} sets in your browser.", ["cookies"]),
                (f"Your browser can refuse {policy} cookies.", ["cookies"]),
                (f"Cookies of {policy} remember you; we retain the data for a year.", ["cookies", "retention"]),
                (f"Welcome to {policy}, a shop for garden tools.", []),
                (f"These terms, {policy}, are governed by law.", []),
                # what makes the policies more than copies of one another
                (f"About {policy}: {' '.join(f'{policy}{k}' for k in range(300))}", []),
                ("Copyright, all rights reserved.", []),
            ]
        )
    ]
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return folder


Run = Callable[..., "subprocess.CompletedProcess[bytes]"]


def run_in_process(words: Sequence[str], stdin: bytes, place: Path) -> subprocess.CompletedProcess[bytes]:
    """Run `clauses` here: what a process of its own would print and return, without the seconds that it takes to start."""
    streams = [io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", newline="") for data in (stdin, b"", b"")]
    signals = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    threshold, environment = gc.get_threshold(), dict(os.environ)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        for name, stream in zip(("stdin", "stdout", "stderr"), streams, strict=True):
            patch.setattr(sys, name, stream)
        try:
            main(words, prog_name="clauses")
            code: Any = 0
        except SystemExit as end:
            code = end.code
        finally:
            for number, handler in signals.items():
                signal.signal(number, handler)
            gc.set_threshold(*threshold)
            os.environ.clear()
            os.environ.update(environment)
    output = []
    for stream in streams[1:]:
        stream.flush()
        output.append(stream.buffer.getvalue())  # type: ignore[attr-defined]
    return subprocess.CompletedProcess(["clauses", *words], int(code or 0), *output)


def run_process(
    words: Sequence[str], stdin: bytes, place: Path, env: dict[str, str]
) -> subprocess.CompletedProcess[bytes]:
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    return subprocess.run(
        [sys.executable, "-m", "classifier", *words],
        input=stdin,
        capture_output=True,
        cwd=place,
        env={**os.environ, "PYTHONPATH": path, **env},
        timeout=120,
        check=False,
    )


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run `clauses` in an empty folder; in a process of its own only where the environment or the process is the matter."""
    place = tmp_path / "elsewhere"
    place.mkdir()

    def call(
        *words: object, stdin: bytes = b"", env: dict[str, str] | None = None, process: bool = False
    ) -> subprocess.CompletedProcess[bytes]:
        listed = list(map(str, words))
        if process or env is not None:
            return run_process(listed, stdin, place, env or {})
        return run_in_process(listed, stdin, place)

    return call
