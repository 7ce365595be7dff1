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
from collections.abc import Iterator, Sequence


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
