"""Tag many files: in groups, in several processes if wanted, in order, each bad file by itself.

A file that cannot be read gives a result like any other, so that the others are done. A worker reads and tags a group of
files and returns data: the pieces of text that a writer makes of each policy. The writer is part of the job, since reasons
and pages take longer than tagging, and one process that wrote everything would keep the others waiting.
"""

from __future__ import annotations

import gc
import json
import os
import stat
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, TypeVar

from classifier.errors import (
    ClassifierError,
    InternalReadError,
    LimitError,
    WriteError,
    described,
    is_lack_of_memory,
    reason,
)
from classifier.readers import limits
from classifier.readers.registry import STDIN, display_name, is_address, read
from classifier.tagging import GARBAGE_THRESHOLD
from classifier.tagging.spool import spool_folder
from classifier.tagging.tagged import TaggedPolicy
from classifier.tagging.tagger import Tagger, load
from classifier.types import Document, FrozenDict

if TYPE_CHECKING:
    from classifier.tagging.executors import Executor

GROUP_BYTES, GROUP_FILES = 2**21, 128
"""Bytes and files of a group, whose clauses are scored together: many clauses are scored faster at once."""
MIN_GROUP_BYTES, GROUPS_PER_PROCESS = 2**18, 4
"""Groups get smaller, down to this many bytes, until there are this many for each process."""
_GROUPS_FILE = "groups.json"

Result = TypeVar("Result")


class Writer(Protocol):
    """Turns a tagged policy into pieces of text; `render.formats.OutputFormat` is one."""

    @property
    def policy(self) -> Callable[[TaggedPolicy], Iterator[str]]:
        """Return the pieces of text of a policy."""


class Job(NamedTuple):
    """The work on each file, as a worker process needs it; it can be pickled.

    Attributes
    ----------
    model
        Model folder; None or "default" for the model that comes with the package.
    thresholds
        Category id to probability; under None the threshold of all categories that are not named.
    make_writer
        Makes the writer, in each process.
    reader_options
        Options of `readers.read`.
    level
        As of `Tagger`.
    """

    model: str | None
    thresholds: Mapping[str | None, float]
    make_writer: Callable[[], Writer]
    reader_options: Mapping[str, bool] = FrozenDict()
    level: Literal[1, 2] = 2

    def prepare(self) -> tuple[Tagger, Writer]:
        """Load the model and make the writer. Raises `ModelError`, and `ValueError` for thresholds of no category."""
        tagger = load(self.model)
        everywhere = dict.fromkeys(tagger.categories, self.thresholds[None]) if None in self.thresholds else {}
        single = {id: value for id, value in self.thresholds.items() if id is not None}
        gc.set_threshold(GARBAGE_THRESHOLD)
        return Tagger(tagger.model, {**everywhere, **single}, level=self.level), self.make_writer()


class FileResult(NamedTuple):
    """Result of a file.

    Attributes
    ----------
    file
        The path or address as given.
    pieces
        The tagged policy as pieces of text.
    n_clauses
        Number of its clauses.
    problem
        Why it could not be tagged; "" if it was.
    notes
        Remarks on how it was read.
    details
        Traceback of an error that is a bug in policy-clauses.
    """

    file: str
    pieces: Iterable[str] = ()
    n_clauses: int = 0
    problem: str = ""
    notes: tuple[str, ...] = ()
    details: str = ""


def tag_files(
    files: Iterable[str], tagger: Tagger, writer: Writer, reader_options: Mapping[str, bool] = FrozenDict()
) -> Iterator[FileResult]:
    """Tag files, addresses, or "-" for standard input, in this process.

    Yields
    ------
    FileResult
        One for each file, in their order.
    """
    sized = ((file, _size(file)) for file in files)
    return chain.from_iterable(
        _tag_group(tagger, writer, reader_options, group) for group in _groups(sized, GROUP_BYTES)
    )


def tag_in_processes(files: Iterable[str], job: Job, n_jobs: int) -> Iterator[FileResult]:
    """Tag files as `tag_files` does, in `n_jobs` processes; only files for which `can_share` is true."""
    from classifier.tagging.executors import ProcessExecutor  # loading it takes as long as tagging a policy

    return tag_with(ProcessExecutor(n_jobs), n_jobs, files, job)


def tag_with(executor: Executor, n_jobs: int, files: Iterable[str], job: Job) -> Iterator[FileResult]:
    """Tag files by an executor of `n_jobs` processes that share a file system."""
    sized = [(file, _size(file)) for file in files]
    share = sum(size for _, size in sized) // (GROUPS_PER_PROCESS * n_jobs)
    groups = list(_groups(sized, max(MIN_GROUP_BYTES, min(GROUP_BYTES, share))))
    with spool_folder() as folder:
        yield from _in_processes(executor, groups, job, folder)


def can_share(files: Iterable[str]) -> bool:
    """Return whether other processes can read these files, and read them again.

    They cannot if standard input, a pipe, a device or an address is among them, nor in a folder that was removed.
    """
    try:
        os.getcwd()  # noqa: PTH109  # processes are started in the current folder
    except OSError:
        return False
    return all(map(_can_be_shared, files))


def _can_be_shared(file: str) -> bool:
    try:
        mode = Path(file).stat().st_mode
    except (OSError, ValueError):  # reading it reports the error
        return file != STDIN and not is_address(file)
    return stat.S_ISREG(mode) or stat.S_ISDIR(mode)


def _groups(sized: Iterable[tuple[str, int]], max_bytes: int) -> Iterator[list[str]]:
    """Collect (file, bytes) in groups of at most `max_bytes`; a larger file is a group of its own."""
    group: list[str] = []
    group_bytes = 0
    for file, size in sized:
        if group and (group_bytes + size > max_bytes or len(group) == GROUP_FILES):
            yield group
            group, group_bytes = [], 0
        group.append(file)
        group_bytes += size
    yield group


def _size(file: str) -> int:
    """Return the bytes of a file; `GROUP_BYTES` if unknown, as of standard input, which makes it a group of its own."""
    try:
        return Path(file).stat().st_size
    except (OSError, ValueError):
        return GROUP_BYTES


# --- a group of files ------------------------------------------------------------------------------------------------------


def _tag_group(
    tagger: Tagger, writer: Writer, reader_options: Mapping[str, bool], files: Sequence[str]
) -> list[FileResult]:
    """Tag some files; an error over one of them does not stop the others."""
    results: dict[int, FileResult] = {}
    documents: dict[int, Document] = {}
    for number, file in enumerate(files):
        document = _guarded(file, _size(file), partial(read, file, **reader_options))
        if isinstance(document, FileResult):
            results[number] = document
        else:
            documents[number] = document
    for number, policy in _tag_documents(tagger, files, documents).items():
        if isinstance(policy, FileResult):
            results[number] = policy
        else:
            length = len(policy.document.text)
            results[number] = _guarded(files[number], length, partial(_write, files[number], writer, policy))
    return [results[number] for number in range(len(files))]


def _tag_documents(
    tagger: Tagger, files: Sequence[str], documents: Mapping[int, Document]
) -> dict[int, TaggedPolicy | FileResult]:
    """Tag documents at once, or one by one if that fails, to find the one to blame."""
    length = sum(len(document.text) for document in documents.values())
    policies = _guarded("", length, partial(tagger.tag_documents, list(documents.values())))
    if not isinstance(policies, FileResult):
        return dict(zip(documents, policies, strict=True))
    return {
        number: _guarded(files[number], len(document.text), partial(tagger.tag_document, document))
        for number, document in documents.items()
    }


def _guarded(file: str, size: int, do: Callable[[], Result]) -> Result | FileResult:
    """Do something for a file of `size` bytes; return the problem if it fails or takes too long.

    No error over one file, foreseen or not, may stop the others.
    """
    name = display_name(file)
    try:
        with limits.processor_time(limits.seconds_for(size)):
            return do()
    except LimitError as error:
        return FileResult(
            file, problem=f"{name}: {error}, far more than a policy needs; save it as plain text, or split the file"
        )
    except ClassifierError as error:
        details = "".join(traceback.format_exception(error)) if isinstance(error, InternalReadError) else ""
        return FileResult(file, problem=str(error), details=details)
    except Exception as error:
        if is_lack_of_memory(error):
            return FileResult(
                file, problem=f"{name}: there is not enough memory for it; save it as plain text, or split the file"
            )
        problem = (
            f"{name}: could not be tagged because of a bug in policy-clauses ({described(error)}); please report it with "
            "the output of --debug"
        )
        return FileResult(file, problem=problem, details="".join(traceback.format_exception(error)))


def _write(file: str, writer: Writer, policy: TaggedPolicy) -> FileResult:
    """Write a whole policy, so that no error leaves half of it."""
    remarks = list(policy.document.notes)
    if not policy.is_foreign and not any(clause.labels for clause in policy.clauses):
        in_english = "" if policy.document.language else ", and in English"
        remarks.append(f"no clause has a label; is it a privacy policy{in_english}?")
    notes = tuple(f"{policy.document.name}: {remark}" for remark in remarks)
    return FileResult(file, list(writer.policy(policy)), len(policy.clauses), notes=notes)


# --- in processes ----------------------------------------------------------------------------------------------------------


def _in_processes(executor: Executor, groups: Sequence[list[str]], job: Job, folder: Path) -> Iterator[FileResult]:
    (folder / _GROUPS_FILE).write_text(json.dumps(groups), encoding="utf-8")
    answers = executor.map(_work, range(len(groups)), _prepare, (job, str(folder)))
    for number, (group, is_done) in enumerate(zip(groups, answers, strict=True)):
        if is_done:
            yield from _receive(folder / str(number))
        elif len(group) > 1:  # a process died over one of them: tag each alone
            from classifier.tagging.executors import ProcessExecutor

            with spool_folder() as inner:
                yield from _in_processes(ProcessExecutor(1), [[file] for file in group], job, inner)
        else:
            name = display_name(group[0])
            problem = f"{name}: cannot be tagged: the process that read it died or ran out of memory; is it too large?"
            yield FileResult(group[0], problem=problem)


class _Prepared(NamedTuple):
    """State of a worker process."""

    tagger: Tagger
    writer: Writer
    reader_options: Mapping[str, bool]
    groups: list[list[str]]
    folder: Path


_prepared: _Prepared


def _prepare(job: Job, folder: str) -> None:
    """Load the model and the list of groups, once in each process."""
    global _prepared
    groups = json.loads((Path(folder) / _GROUPS_FILE).read_text(encoding="utf-8"))
    _prepared = _Prepared(*job.prepare(), job.reader_options, groups, Path(folder))


def _work(number: int) -> bool | None:
    """Tag the group of this number and write the results to a file of that name; return None if memory is short."""
    tagger, writer, reader_options, groups, folder = _prepared
    try:
        with (folder / str(number)).open("wb") as file:
            for result in _tag_group(tagger, writer, reader_options, groups[number]):
                pieces = [piece.encode("utf-8", "surrogatepass") for piece in result.pieces]
                head = json.dumps([[len(piece) for piece in pieces], result._replace(pieces=())])
                file.writelines([head.encode(), b"\n", *pieces])
        return True
    except OSError as error:
        raise WriteError(f"{folder}: cannot be written for --jobs: {reason(error)}; set TMPDIR to another") from None
    except MemoryError:
        return None


def _receive(path: Path) -> Iterator[FileResult]:
    """Read the results of `_work`, one piece at a time, and remove the file."""
    with path.open("rb") as file:
        if os.name == "posix":  # elsewhere an open file cannot be removed; it goes with the folder
            path.unlink()
        while head := file.readline():
            lengths, (name, _, n_clauses, problem, notes, details) = json.loads(head)
            pieces = (file.read(length).decode("utf-8", "surrogatepass") for length in lengths)
            yield FileResult(name, pieces, n_clauses, problem, tuple(notes), details)
            for _ in pieces:  # skip those that were not used
                pass
