"""Files become written policies: in groups, in several processes if wanted, in order, each bad one by itself.

A file that cannot be read is an answer like any other, so that the others are done.
"""

from __future__ import annotations

import gc
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from classifier import predict, readers, render
from classifier.errors import ReadError
from classifier.predict import Tagger
from classifier.render import Format, Look
from classifier.types import Document

GROUP_BYTES, GROUP_FILES = 2**21, 128
"""So much text, of at most so many files, is scored at once, since many clauses are scored faster together."""
SHARED_BYTES, SHARES = 2**18, 4
"""Processes take smaller groups, down to so much text, where there would not be so many for each."""
YOUNG = 50_000
"""So many new objects are there before the collector looks for cycles among them, of which tagging makes none to speak of: to
look as often as it does otherwise, and through all that is loaded, takes up to a tenth of the time."""


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
    form: tuple[str, Look]
    reading: Mapping[str, bool]

    def prepare(self) -> tuple[Tagger, Format]:
        """Load the model. Raises `ModelError`, and `ValueError` for thresholds that the model has no use for."""
        tagger = predict.load(self.folder)
        everywhere = dict.fromkeys(tagger.categories, self.thresholds[None]) if None in self.thresholds else {}
        single = {id: value for id, value in self.thresholds.items() if id is not None}
        gc.set_threshold(YOUNG)
        return Tagger(tagger.model, {**everywhere, **single}), render.named(*self.form)


class Done(NamedTuple):
    """What became of a file: its policy as pieces of text, or what was wrong."""

    file: str
    pieces: Iterable[str] = ()
    n_clauses: int = 0
    problem: str = ""
    notes: tuple[str, ...] = ()


def tag(
    files: Iterable[str], tagger: Tagger, form: Format, reading: Mapping[str, bool] = MappingProxyType({})
) -> Iterator[Done]:
    """Tag files, addresses, or "-" for standard input, and write what was found; one answer a file, in their order."""
    sized = ((file, _size(file)) for file in files)
    return chain.from_iterable(_tag(tagger, form, reading, group) for group in _groups(sized, GROUP_BYTES))


def tag_in_processes(files: Iterable[str], job: Job, n_jobs: int) -> Iterator[Done]:
    """Do as `tag` does, in several processes; only files that `can_be_shared`."""
    sized = [(file, _size(file)) for file in files]
    share = sum(size for _, size in sized) // (SHARES * n_jobs)
    groups = list(_groups(sized, max(SHARED_BYTES, min(GROUP_BYTES, share))))
    return _in_processes(groups, job, min(n_jobs, len(groups)))


def can_be_shared(file: str) -> bool:
    """Whether another process can read a file, and again if need be: not standard input, a pipe, a device or an address."""
    try:
        mode = Path(file).stat().st_mode
    except (OSError, ValueError):
        return file != readers.STDIN and not readers.is_address(
            file
        )  # what is not there is said to be missing by whoever looks
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


def _tag(tagger: Tagger, form: Format, reading: Mapping[str, bool], files: Sequence[str]) -> list[Done]:
    read: list[Document | str] = []
    for file in files:
        try:
            read.append(readers.read(file, **reading))
        except ReadError as error:
            read.append(str(error))
    policies = iter(tagger.tag_documents([each for each in read if isinstance(each, Document)]))
    return [
        Done(file, problem=each) if isinstance(each, str) else _written(file, form, next(policies))
        for file, each in zip(files, read, strict=True)
    ]


def _written(file: str, form: Format, policy: predict.TaggedPolicy) -> Done:
    said = list(policy.document.notes)
    if not any(clause.labels for clause in policy.clauses):
        said.append("no clause has a label; is it a privacy policy, and in English?")
    notes = tuple(f"{policy.document.name}: {note}" for note in said)
    return Done(file, form.policy(policy), len(policy.clauses), notes=notes)


# --- in processes --------------------------------------------------------------------------------------------------


def _in_processes(groups: Sequence[list[str]], job: Job, n_jobs: int) -> Iterator[Done]:
    from classifier.parallel import in_order  # loads what takes as long to load as a policy to tag

    for group, done in zip(groups, in_order(_work, groups, n_jobs, _prepare, (job,)), strict=True):
        if done is not None:
            yield from done
        elif len(group) > 1:  # one of them was too much for a process: which?
            yield from _in_processes([[file] for file in group], job, 1)
        else:
            name = readers.printable(group[0])
            yield Done(group[0], problem=f"{name}: cannot be tagged: the process that read it died; is it too large?")


def _prepare(job: Job) -> None:
    """Load the model, once in each process."""
    global _prepared
    _prepared = (*job.prepare(), job.reading)


_prepared: tuple[Tagger, Format, Mapping[str, bool]]


def _work(files: list[str]) -> list[Done]:
    return [done._replace(pieces=("".join(done.pieces),)) for done in _tag(*_prepared, files)]
