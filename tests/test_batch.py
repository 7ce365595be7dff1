from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from classifier import batch
from classifier.batch import Done, Job
from classifier.render import Look

JOB = Job(None, {}, ("jsonl", Look()), {})


def shared(files: Sequence[str], n_jobs: int, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The groups of files that processes are given."""
    given: list[list[str]] = []

    def keep(groups: Sequence[list[str]], *_: object) -> Iterator[Done]:
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
