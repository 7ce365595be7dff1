"""Name everything that can go wrong, as one tree of exceptions, and word it.

::

    ClassifierError              everything that policy-clauses raises on purpose
    ├── ReadError                a policy cannot be read: a file, a web page, a PDF
    │   └── InternalReadError    a reader failed on it in an unforeseen way, which is a bug to report
    ├── LimitError               an input takes more time or memory than a policy may
    ├── TaxonomyError            a taxonomy file breaks the rules of taxonomies
    ├── DataError                labeled rows are wrong; one error lists them all
    ├── ModelError               a model folder is missing, damaged or of another program
    ├── LanguageError            a policy is in another language than the model has learned
    ├── WriteError               output cannot be written to the place asked for
    └── MissingPackageError      an optional package is not installed; also an ImportError

Each message says what was wrong, where, and what to do, so that a command can print it unchanged.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

_MEMORY_PHRASES = ("cannot allocate memory", "failed to map segment", "cannot create shared object", "out of memory")
"""Phrases by which the dynamic loader and the operating system report a lack of memory."""

_MAX_DESCRIPTION_CHARACTERS = 200
"""Characters shown of the message of an unforeseen error."""


class ClassifierError(Exception):
    """Base of all errors that policy-clauses raises on purpose."""


class ReadError(ClassifierError):
    """A policy cannot be read: a file, a web page, a PDF."""


class InternalReadError(ReadError):
    """A reader failed on a file in an unforeseen way: a bug in policy-clauses. Its cause or notes hold the traceback."""


class LimitError(ClassifierError):
    """An input takes more processor time or memory than one policy may."""


class TaxonomyError(ClassifierError):
    """A taxonomy file breaks the rules of taxonomies."""


class ModelError(ClassifierError):
    """A model folder is missing, damaged or written by another program."""


class LanguageError(ClassifierError):
    """A policy is in another language than the model has learned, so that what it does not find means nothing."""


class WriteError(ClassifierError):
    """Output cannot be written to the place asked for."""


class MissingPackageError(ClassifierError, ImportError):
    """An optional package is not installed. The message holds the command that installs it."""


class DataError(ClassifierError):
    """Labeled rows are wrong.

    Parameters
    ----------
    problems
        One sentence for each problem, beginning with its file and line.

    Attributes
    ----------
    problems
        All problems. The message shows the first `MAX_SHOWN_PROBLEMS` of them.
    """

    MAX_SHOWN_PROBLEMS = 20

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        shown = list(self.problems[: self.MAX_SHOWN_PROBLEMS])
        if len(self.problems) > self.MAX_SHOWN_PROBLEMS:
            shown.append(f"... and {len(self.problems) - self.MAX_SHOWN_PROBLEMS} more")
        super().__init__("\n".join(shown))


@contextlib.contextmanager
def as_data_error() -> Iterator[None]:
    """Turn the ValueError with which an estimator refuses rows into a DataError, which a command can print."""
    try:
        yield
    except ValueError as error:
        raise DataError([str(error)]) from None


def reason(error: BaseException) -> str:
    """Return the reason that an error states, never an empty string.

    >>> reason(FileNotFoundError(2, "No such file or directory")), reason(TimeoutError())
    ('No such file or directory', 'TimeoutError')
    """
    is_relative = isinstance(error, FileNotFoundError) and not Path(error.filename or "").is_absolute()
    if is_relative and folder_is_gone():
        return "the current folder was deleted; go to another one"
    return getattr(error, "strerror", None) or " ".join(str(error).split()) or type(error).__name__


def described(error: BaseException) -> str:
    """Return the type of an error and the beginning of its message, on one line.

    >>> described(ZeroDivisionError("division by zero"))
    'ZeroDivisionError: division by zero'
    """
    return f"{type(error).__name__}: {' '.join(str(error).split())[:_MAX_DESCRIPTION_CHARACTERS]}"


def folder_is_gone() -> bool:
    """Return whether the current folder was deleted, so that no relative name leads to a file."""
    try:
        Path.cwd()
    except OSError:
        return True
    return False


def require_package(feature: str, extra: str, *modules: str) -> None:
    """Stop where an optional package is not installed, without importing it.

    Parameters
    ----------
    feature
        The feature that needs it, in the plural: "plots".
    extra
        A key of the optional dependencies in pyproject.toml that brings it: "plots".
    modules
        The modules to look for: "matplotlib".

    Raises
    ------
    MissingPackageError
        If one is missing; the message holds the command that installs the extra.

    Examples
    --------
    >>> require_package("tables", "train", "pandas")
    """
    import importlib.util

    # find_spec raises for loaded modules without __spec__
    if any(sys.modules.get(name) is None and importlib.util.find_spec(name) is None for name in modules):
        raise MissingPackageError(needs_package(feature, extra))


def needs_package(feature: str, extra: str) -> str:
    """Return the sentence for a feature whose package is not installed.

    Parameters
    ----------
    feature
        The feature, in the plural: "PDF files".
    extra
        A key of the optional dependencies in pyproject.toml: "pdf".
    """
    # pip adds an extra to an installed package, wherever that came from: an index, a wheel, a clone
    if _is_installed():
        return f'{feature} need a package that is not installed: {_pip()} install "policy-clauses[{extra}]"'
    return (
        f'{feature} need a package that is not installed: {_pip()} install ".[{extra}]" in the folder of pyproject.toml'
    )


def _is_installed() -> bool:
    from importlib import metadata  # slow to load, and needed for messages only

    try:
        metadata.distribution("policy-clauses")
    except metadata.PackageNotFoundError:  # run from a clone without an installation
        return False
    return True


def _pip() -> str:
    """Return the command that runs the pip of this environment."""
    is_virtual, active = sys.prefix != sys.base_prefix, os.environ.get("VIRTUAL_ENV", "")
    if not is_virtual or os.path.realpath(active) == os.path.realpath(sys.prefix):
        return "pip"
    return f"{sys.executable} -m pip"


def is_lack_of_memory(error: BaseException) -> bool:
    """Return whether an error, or one that led to it, means that memory is short."""
    current: BaseException | None = error
    while current is not None:
        if isinstance(current, MemoryError) or (isinstance(current, OSError) and current.errno == errno.ENOMEM):
            return True
        text = str(current).lower()
        if isinstance(current, ImportError | OSError) and any(phrase in text for phrase in _MEMORY_PHRASES):
            return True
        # raised by extension modules that do not check whether they were given memory
        if isinstance(current, SystemError) and "without" in text and os.environ.get("OPENBLAS_NUM_THREADS"):
            return True
        current = current.__cause__ or current.__context__
    return False
