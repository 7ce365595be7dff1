"""Files become written policies: in groups, in several processes if wanted, in order, each bad one by itself.

A file that cannot be read is an answer like any other, so that the others are done.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import stat
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, TypeVar

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
from classifier.readers import registry as readers
from classifier.render.formats import OutputFormat, RenderOptions, get_format
from classifier.tagging.tagged import TaggedPolicy
from classifier.tagging.tagger import Tagger, load
from classifier.types import Document

GROUP_BYTES, GROUP_FILES = 2**21, 128
"""So much text, of at most so many files, is scored at once, since many clauses are scored faster together."""
SHARED_BYTES, SHARES = 2**18, 4
"""Processes take smaller groups, down to so much text, where there would not be so many for each."""
GROUPS, SPOOL = "groups.json", "policy-clauses-"
"""In the folder through which processes hand over results: the name of the list of groups; how the folder's own begins."""
SPOOL_SECONDS = 60
"""A folder of that kind is younger than this, or locked by the run that uses it, or left over."""
YOUNG = 50_000
"""So many new objects are there before the collector looks for cycles among them, of which tagging makes none to speak of: to
look as often as it does otherwise, and through all that is loaded, takes up to a tenth of the time."""

Result = TypeVar("Result")


class Job(NamedTuple):
    """What a process needs to know to tag files and write what it found.

    Attributes
    ----------
    folder
        The model's, or None for the model that comes along.
    thresholds
        As in `Tagger`; under None that of all categories that are not named.
    form
        Name and settings of the format, as in `render.named`.
    reading
        What `readers.read` is told beside the path.
    """

    folder: str | None
    thresholds: Mapping[str | None, float]
    form: tuple[str, RenderOptions]
    reading: Mapping[str, bool]

    def prepare(self) -> tuple[Tagger, OutputFormat]:
        """Load the model. Raises `ModelError`, and `ValueError` for thresholds that the model has no use for."""
        tagger = load(self.folder)
        everywhere = dict.fromkeys(tagger.categories, self.thresholds[None]) if None in self.thresholds else {}
        single = {id: value for id, value in self.thresholds.items() if id is not None}
        gc.set_threshold(YOUNG)
        return Tagger(tagger.model, {**everywhere, **single}), get_format(*self.form)


class FileResult(NamedTuple):
    """What became of a file: its policy as pieces of text, or the problem, with a traceback if it is a fault of ours."""

    file: str
    pieces: Iterable[str] = ()
    n_clauses: int = 0
    problem: str = ""
    notes: tuple[str, ...] = ()
    details: str = ""


def tag(
    files: Iterable[str], tagger: Tagger, form: OutputFormat, reading: Mapping[str, bool] = MappingProxyType({})
) -> Iterator[FileResult]:
    """Tag files, addresses, or "-" for standard input, and write what was found; one answer a file, in their order."""
    sized = ((file, _size(file)) for file in files)
    return chain.from_iterable(_tag(tagger, form, reading, group) for group in _groups(sized, GROUP_BYTES))


def tag_in_processes(files: Iterable[str], job: Job, n_jobs: int) -> Iterator[FileResult]:
    """Do as `tag` does, in several processes; only files for which `can_share`."""
    sized = [(file, _size(file)) for file in files]
    share = sum(size for _, size in sized) // (SHARES * n_jobs)
    groups = list(_groups(sized, max(SHARED_BYTES, min(GROUP_BYTES, share))))
    with _spool() as folder:
        yield from _in_processes(groups, job, min(n_jobs, len(groups)), folder)


def can_share(files: Iterable[str]) -> bool:
    """Whether other processes can read these files, and again if need be.

    They cannot where standard input, a pipe, a device or an address is among them, nor in a folder that was removed.
    """
    try:
        os.getcwd()  # noqa: PTH109  # processes are started in the current folder
    except OSError:
        return False
    return all(map(_can_be_shared, files))


def _can_be_shared(file: str) -> bool:
    try:
        mode = Path(file).stat().st_mode
    except (OSError, ValueError):  # whoever looks says that it is missing
        return file != readers.STDIN and not readers.is_address(file)
    return stat.S_ISREG(mode) or stat.S_ISDIR(mode)


def _groups(sized: Iterable[tuple[str, int]], most: int) -> Iterator[list[str]]:
    """Gather files, given with their bytes, to groups of at most so many; a larger file is a group of its own."""
    group: list[str] = []
    size = 0
    for file, of_file in sized:
        if group and (size + of_file > most or len(group) == GROUP_FILES):
            yield group
            group, size = [], 0
        group.append(file)
        size += of_file
    yield group


def _size(file: str) -> int:
    """Give the bytes of a file; of what has no size, such as standard input, so many that it is a group of its own."""
    try:
        return Path(file).stat().st_size
    except (OSError, ValueError):
        return GROUP_BYTES


# --- a group of files ------------------------------------------------------------------------------------------------------


def _tag(tagger: Tagger, form: OutputFormat, reading: Mapping[str, bool], files: Sequence[str]) -> list[FileResult]:
    """Tag some files; whatever goes wrong with one of them, the others are done."""
    done: dict[int, FileResult] = {}
    read: dict[int, Document] = {}
    for number, file in enumerate(files):
        document = _guarded(file, _size(file), partial(readers.read, file, **reading))
        if isinstance(document, FileResult):
            done[number] = document
        else:
            read[number] = document
    for number, policy in _tagged(tagger, files, read).items():
        if isinstance(policy, FileResult):
            done[number] = policy
        else:
            size = len(policy.document.text)
            done[number] = _guarded(files[number], size, partial(_written, files[number], form, policy))
    return [done[number] for number in range(len(files))]


def _tagged(tagger: Tagger, files: Sequence[str], read: Mapping[int, Document]) -> dict[int, TaggedPolicy | FileResult]:
    """Tag documents at once, or one by one if that fails, to see over which."""
    size = sum(len(document.text) for document in read.values())
    found = _guarded("", size, partial(tagger.tag_documents, list(read.values())))
    if not isinstance(found, FileResult):
        return dict(zip(read, found, strict=True))
    return {
        number: _guarded(files[number], len(document.text), partial(tagger.tag_document, document))
        for number, document in read.items()
    }


def _guarded(file: str, size: int, do: Callable[[], Result]) -> Result | FileResult:
    """Do something for a file of `size` bytes; if that fails, or takes too long, return what to tell about it.

    This is the last net: no error over one file, foreseen or not, may cost the others.
    """
    name = readers.display_name(file)
    try:
        with limits.processor_time(limits.seconds_for(size)):
            return do()
    except LimitError as error:
        return FileResult(file, problem=f"{name}: {error}, as no policy does; save its text alone, or split the file")
    except ClassifierError as error:
        details = "".join(traceback.format_exception(error)) if isinstance(error, InternalReadError) else ""
        return FileResult(file, problem=str(error), details=details)
    except Exception as error:
        if is_lack_of_memory(error):
            return FileResult(
                file, problem=f"{name}: there is not enough memory for it; save its text alone, or split the file"
            )
        problem = (
            f"{name}: could not be tagged, by a fault of policy-clauses ({described(error)}); please report it, with what "
            "--debug shows"
        )
        return FileResult(file, problem=problem, details="".join(traceback.format_exception(error)))


def _written(file: str, form: OutputFormat, policy: TaggedPolicy) -> FileResult:
    """Write a policy, whole, so that no error can leave half of it."""
    said = list(policy.document.notes)
    if not any(clause.labels for clause in policy.clauses):
        said.append("no clause has a label; is it a privacy policy, and in English?")
    notes = tuple(f"{policy.document.name}: {note}" for note in said)
    return FileResult(file, list(form.policy(policy)), len(policy.clauses), notes=notes)


# --- in processes ----------------------------------------------------------------------------------------------------------


def _in_processes(groups: Sequence[list[str]], job: Job, n_jobs: int, folder: Path) -> Iterator[FileResult]:
    from classifier.tagging.executors import in_order  # loads what takes as long to load as a policy to tag

    (folder / GROUPS).write_text(json.dumps(groups), encoding="utf-8")
    answers = in_order(_work, range(len(groups)), n_jobs, _prepare, (job, str(folder)))
    for number, (group, is_done) in enumerate(zip(groups, answers, strict=True)):
        if is_done:
            yield from _received(folder / str(number))
        elif len(group) > 1:  # one of them was too much for a process: which?
            with _spool() as inner:
                yield from _in_processes([[file] for file in group], job, 1, inner)
        else:
            problem = (
                f"{readers.display_name(group[0])}: cannot be tagged: the process that read it died; is it too large?"
            )
            yield FileResult(group[0], problem=problem)


def _prepare(job: Job, folder: str) -> None:
    """Load the model and the list of groups, once in each process."""
    global _prepared
    groups = json.loads((Path(folder) / GROUPS).read_text(encoding="utf-8"))
    _prepared = (*job.prepare(), job.reading), groups, Path(folder)


_prepared: tuple[tuple[Tagger, OutputFormat, Mapping[str, bool]], list[list[str]], Path]


def _work(number: int) -> bool | None:
    """Tag the group of this number and leave the output in a file of that name; return None if memory is not enough."""
    prepared, groups, folder = _prepared
    path = folder / str(number)
    try:
        with path.open("wb") as file:
            for done in _tag(*prepared, groups[number]):
                pieces = [piece.encode("utf-8", "surrogatepass") for piece in done.pieces]
                head = json.dumps([[len(piece) for piece in pieces], done._replace(pieces=())])
                file.writelines([head.encode(), b"\n", *pieces])
        return True
    except OSError as error:
        raise WriteError(f"{folder}: cannot be written for --jobs: {reason(error)}; set TMPDIR to another") from None
    except MemoryError:
        return None


def _received(path: Path) -> Iterator[FileResult]:
    """Read what `_work` left, a piece at a time, and remove it."""
    with path.open("rb") as file:
        path.unlink()
        while head := file.readline():
            lengths, (name, _, n_clauses, problem, notes, details) = json.loads(head)
            pieces = (file.read(length).decode("utf-8", "surrogatepass") for length in lengths)
            yield FileResult(name, pieces, n_clauses, problem, tuple(notes), details)
            for _ in pieces:  # pass over those that nobody took
                pass


@contextlib.contextmanager
def _spool() -> Iterator[Path]:
    """Make a private folder for the results of processes, and remove it in the end."""
    import shutil
    import tempfile

    place = Path(tempfile.gettempdir())
    _remove_spools_of_the_dead(place)
    try:
        folder = Path(tempfile.mkdtemp(prefix=SPOOL, dir=place))
        with _locked(folder):
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        raise WriteError(
            f"{place}: no folder can be made there for --jobs: {reason(error)}; set TMPDIR to another"
        ) from None


def _remove_spools_of_the_dead(place: Path) -> None:
    """Remove the folders of runs that were killed: those that nobody holds a lock on any more."""
    import shutil

    for folder in place.glob(f"{SPOOL}*"):
        with contextlib.suppress(OSError):
            status = folder.lstat()
            is_ours = stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid()
            if is_ours and time.time() - status.st_mtime > SPOOL_SECONDS:  # younger ones may not be locked yet
                with _locked(folder):
                    shutil.rmtree(folder)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold a lock on a folder, which ends with this process. Raises OSError if another process holds it."""
    import fcntl

    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)
