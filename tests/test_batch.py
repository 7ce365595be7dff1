import multiprocessing
import os
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from random import Random

import pytest

from classifier import LimitError, TaggedPolicy, WriteError
from classifier.io import lock_folder
from classifier.readers import limits
from classifier.render.formats import OutputFormat, get_format
from classifier.tagging import batch, spool
from classifier.tagging.batch import FileResult, Job

pytestmark = pytest.mark.slow

JOB = Job(None, {}, partial(get_format, "jsonl"))


def shared(files: Sequence[str], n_jobs: int, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The groups of files that processes are given."""
    given: list[list[str]] = []

    def keep(_executor: object, groups: Sequence[list[str]], *_: object) -> Iterator[FileResult]:
        given.extend(groups)
        return iter(())

    monkeypatch.setattr(batch, "_in_processes", keep)
    assert list(batch.tag_in_processes(files, JOB, n_jobs)) == []
    return given


@pytest.mark.parametrize(
    ("n_files", "n_jobs", "expected"),
    [
        pytest.param(40, 2, 8, id="few for each: four groups each"),
        pytest.param(40, 8, 20, id="very few for each: not smaller than it pays"),
        pytest.param(240, 2, 12, id="enough for each: as much as one process takes"),
    ],
)
def test_processes_share_files_evenly(
    n_files: int, n_jobs: int, expected: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [str(tmp_path / f"{number}.txt") for number in range(n_files)]
    for file in files:
        Path(file).write_bytes(b"x" * 100_000)
    groups = shared(files, n_jobs, monkeypatch)
    assert [file for group in groups for file in group] == files
    assert len(groups) == expected


def test_what_is_large_or_has_no_size_is_a_group_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = {"a": 10, "b": 2 * batch.GROUP_BYTES, "c": 10, "d": 10}
    for name, size in sizes.items():
        (tmp_path / name).write_bytes(b"x" * size)
    files = [str(tmp_path / name) for name in ("a", "b", "c", "d", "missing")]
    assert shared(files, 2, monkeypatch) == [files[:1], files[1:2], files[2:4], files[4:]]


def test_many_small_files_are_more_than_one_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_bytes(b"x")
    groups = shared([str(tmp_path / "a")] * (2 * batch.GROUP_FILES + 1), 2, monkeypatch)
    assert [len(group) for group in groups] == [batch.GROUP_FILES, batch.GROUP_FILES, 1]


# --- whatever becomes of files and processes -----------------------------------------------------------------------------


def tagged(files: Sequence[str], job: Job, n_jobs: int) -> list[FileResult]:
    return [done._replace(pieces="".join(done.pieces)) for done in batch.tag_in_processes(files, job, n_jobs)]


def alone(files: Sequence[str], job: Job) -> list[FileResult]:
    return [done._replace(pieces="".join(done.pieces)) for done in batch.tag_files(files, *job.prepare())]


def policies(folder: Path, number: int) -> list[str]:
    files = [folder / f"{k}.txt" for k in range(number)]
    for k, file in enumerate(files):
        file.write_text(f"We share your data number {k} with partners.\n\nWe keep it \x1b[31m {k} \u2028 years.\r")
    return [str(file) for file in files]


@pytest.mark.parametrize("form", ["jsonl", "html"])
def test_processes_give_the_same(form: str, tmp_path: Path) -> None:
    files = [*policies(tmp_path, 300 if form == "jsonl" else 3), str(tmp_path / "missing.txt"), str(tmp_path)]
    job = JOB._replace(make_writer=partial(get_format, form))
    assert tagged(files, job, 2) == alone(files, job)


def test_a_slow_file_before_many_keeps_nobody_waiting(tmp_path: Path) -> None:
    files = policies(tmp_path, 1200)
    Path(files[0]).write_text("we may share your personal information with partners of all kinds, and " * 20_000)
    assert [done.n_clauses for done in tagged(files, JOB, 2)] == [1] + [2] * 1199


def kill_some(seed: int, over: threading.Event) -> None:
    """Kill a process that works for us, now and then."""
    random = Random(seed)
    while not over.wait(random.uniform(0.5, 4)):
        workers = [child for child in multiprocessing.active_children() if child.is_alive()]
        if workers:
            random.choice(workers).kill()


@pytest.mark.parametrize("seed", range(int(os.environ.get("CLAUSES_STRESS", "1"))))
def test_it_ends_whatever_becomes_of_processes_and_files(seed: int, tmp_path: Path) -> None:
    random = Random(seed)
    files = policies(tmp_path, 400)
    for file in random.sample(files, 6):
        Path(file).write_text("we may share your personal information with partners of all kinds, and " * 3000)
    vanishing = set(random.sample(files, 30))
    over = threading.Event()
    killer = threading.Thread(target=kill_some, args=(seed, over))

    def vanish() -> None:
        for file in vanishing:
            Path(file).unlink()
            time.sleep(random.uniform(0, 0.1))

    vanisher = threading.Thread(target=vanish)
    killer.start()
    vanisher.start()
    try:
        found = tagged(files, JOB, 2)
    finally:
        over.set()
        killer.join()
        vanisher.join()
    assert [done.file for done in found] == files
    for done in found:
        assert done.n_clauses or done.problem.startswith(done.file)
        if "No such file" in done.problem:
            assert done.file in vanishing
    # what a killer hit twice is named; nothing else is lost
    assert sum("the process that read it died" in done.problem for done in found) <= 20


def test_results_of_a_killed_run_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    place = tmp_path / "tmp"
    dead, fresh, live = (place / f"{spool.PREFIX}{name}" for name in ("dead", "fresh", "live"))
    for folder in (dead, fresh, live):
        folder.mkdir(parents=True)
        (folder / "0").write_text("confidential")
    for folder in (dead, live):
        os.utime(folder, (0, 0))
    with lock_folder(live):
        assert tagged(policies(tmp_path, 3), JOB, 2)
    assert sorted(place.iterdir()) == sorted([fresh, live])


def test_a_folder_for_results_that_cannot_be_made_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    with pytest.raises(WriteError, match="none: no folder can be made there for --jobs: No such file or directory"):
        tagged(policies(tmp_path, 3), JOB, 2)


# --- whatever goes wrong over one file -------------------------------------------------------------------------------------


def broken(kind: type[BaseException]) -> OutputFormat:
    """A format that fails over one policy."""

    def policy(tagged: TaggedPolicy) -> Iterator[str]:
        yield "begin "
        if tagged.document.name.endswith("1.txt"):
            raise kind("of a test")
        yield "end "

    return OutputFormat(policy)


@pytest.mark.parametrize(
    ("kind", "problem"),
    [
        pytest.param(MemoryError, "there is not enough memory for it", id="memory"),
        pytest.param(
            ZeroDivisionError, "because of a bug in policy-clauses (ZeroDivisionError: of a test)", id="a fault"
        ),
        pytest.param(TimeoutError, "because of a bug in policy-clauses (TimeoutError: of a test)", id="of the system"),
        pytest.param(LimitError, "of a test", id="time"),
    ],
)
def test_what_fails_over_one_file_costs_only_that(kind: type[BaseException], problem: str, tmp_path: Path) -> None:
    files = policies(tmp_path, 3)
    found = list(batch.tag_files(files, JOB.prepare()[0], broken(kind)))
    assert ["".join(done.pieces) for done in found] == ["begin end ", "", "begin end "]
    assert [bool(done.problem) for done in found] == [False, True, False]
    assert found[1].problem.startswith(f"{files[1]}: ")
    assert problem in found[1].problem
    assert ("Traceback" in found[1].details) == ("a bug in" in found[1].problem)


def test_a_file_that_takes_too_long_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = policies(tmp_path, 40)
    Path(files[20]).write_text("We share your data with our partners, who share it too.\n\n" * 15_000)
    tagger, form = JOB.prepare()
    list(batch.tag_files(files[:1], tagger, form))
    monkeypatch.setattr(limits, "seconds_for", lambda n_bytes: 0.1)
    found = list(batch.tag_files(files, tagger, form))
    assert [done.file for done in found if done.problem] == [files[20]]
    assert (
        f"{files[20]}: takes more than 0 seconds of processor time, far more than a policy needs" in found[20].problem
    )
