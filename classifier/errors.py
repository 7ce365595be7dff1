"""What can go wrong, as one tree of exceptions.

::

    ClassifierError            everything that policy-clauses raises on purpose
    ├── ReadError              a policy cannot be read: a file, a page, a PDF
    │   └── InternalReadError  a reader of ours failed over it, which is a bug to report
    ├── LimitError             something takes more time or memory than a policy may
    ├── TaxonomyError          a taxonomy file breaks its own rules
    ├── DataError              labelled rows are wrong; one error lists them all
    ├── ModelError             a model folder is missing, damaged or from elsewhere
    └── WriteError             output cannot be written where it was asked for

Each message says what was wrong, where, and what to do, so that a command can print it as it stands.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

_MEMORY_WORDS = ("cannot allocate memory", "failed to map segment", "cannot create shared object", "out of memory")
"""How the dynamic loader and the system say that memory is short."""


_MAX_DESCRIBED_CHARACTERS = 200
"""Characters shown of the message of an error that is a fault of ours."""


class ClassifierError(Exception):
    """Base of all errors that policy-clauses raises on purpose."""


class ReadError(ClassifierError):
    """A policy cannot be read: a file, a page on the web, a PDF."""


class InternalReadError(ReadError):
    """A reader failed over a file in a way that nobody foresaw: a bug of ours. Its cause or its notes hold the traceback."""


class LimitError(ClassifierError):
    """Something takes more processor time or memory than one policy may."""


class TaxonomyError(ClassifierError):
    """A taxonomy file breaks its own rules."""


class ModelError(ClassifierError):
    """A model folder is missing, damaged or written by something else."""


class WriteError(ClassifierError):
    """Output cannot be written where it was asked for."""


class DataError(ClassifierError):
    """Labelled rows are wrong.

    Parameters
    ----------
    problems
        One sentence a problem, each beginning with the file and line it is about.
    """

    SHOWN = 20

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        shown = list(self.problems[: self.SHOWN])
        if len(self.problems) > self.SHOWN:
            shown.append(f"... and {len(self.problems) - self.SHOWN} more")
        super().__init__("\n".join(shown))


@contextlib.contextmanager
def as_data_error() -> Iterator[None]:
    """Turn the ValueError by which an estimator refuses rows into a DataError, which a command can print."""
    try:
        yield
    except ValueError as error:
        raise DataError([str(error)]) from None


def reason(error: BaseException) -> str:
    """Return the reason that an error gives, never an empty one.

    >>> reason(FileNotFoundError(2, "No such file or directory")), reason(TimeoutError())
    ('No such file or directory', 'TimeoutError')
    """
    is_relative = isinstance(error, FileNotFoundError) and not Path(error.filename or "").is_absolute()
    if is_relative and folder_is_gone():
        return "the folder that we are in was deleted; go to another one"
    return getattr(error, "strerror", None) or " ".join(str(error).split()) or type(error).__name__


def described(error: BaseException) -> str:
    """Return the type of an error and the beginning of its message, on one line.

    >>> described(ZeroDivisionError("division by zero"))
    'ZeroDivisionError: division by zero'
    """
    return f"{type(error).__name__}: {' '.join(str(error).split())[:_MAX_DESCRIBED_CHARACTERS]}"


def folder_is_gone() -> bool:
    """Return whether the current folder was deleted, so that nothing is found by a relative name."""
    try:
        Path.cwd()
    except OSError:
        return True
    return False


def needs_package(what: str, extra: str) -> str:
    """Return the sentence for a feature whose package is not installed.

    Parameters
    ----------
    what
        The feature, in the plural: "PDF files".
    extra
        The name of the optional dependencies in pyproject.toml.
    """
    if _is_from_index():
        return f"{what} need a package that is not installed: pip install 'policy-clauses[{extra}]'"
    return (
        f"{what} need a package that is not installed: pip install '.[{extra}]' in the folder of the project, "
        "where pyproject.toml is"
    )


def _is_from_index() -> bool:
    """Return whether policy-clauses was installed from a package index: pip notes any other origin in direct_url.json."""
    from importlib import metadata  # slow to load, and needed for messages only

    try:
        return metadata.distribution("policy-clauses").read_text("direct_url.json") is None
    except metadata.PackageNotFoundError:  # run in a clone without an installation
        return False


def is_lack_of_memory(error: BaseException) -> bool:
    """Return whether an error, or one that it comes from, means that memory is short."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, MemoryError) or (isinstance(seen, OSError) and seen.errno == errno.ENOMEM):
            return True
        text = str(seen).lower()
        if isinstance(seen, ImportError | OSError) and any(words in text for words in _MEMORY_WORDS):
            return True
        # extensions that do not look whether they were given memory
        if isinstance(seen, SystemError) and "without" in text and os.environ.get("OPENBLAS_NUM_THREADS"):
            return True
        seen = seen.__cause__ or seen.__context__
    return False
