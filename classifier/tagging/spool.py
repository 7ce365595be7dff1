"""A private folder through which worker processes hand over results that are too long for a pipe.

Each result is a file. The folder is locked while its run lives; folders of killed runs are removed by the next run.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from classifier.errors import WriteError, reason
from classifier.io import lock_folder

PREFIX = "policy-clauses-"
"""Beginning of the names of these folders."""
MIN_LEFTOVER_SECONDS = 60
"""A folder younger than this may not be locked yet, and is left alone."""


@contextlib.contextmanager
def spool_folder() -> Iterator[Path]:
    """Make a folder that only this user can read, and remove it in the end.

    Raises
    ------
    WriteError
        If no folder can be made in the folder for temporary files.
    """
    import tempfile  # here, since a run in one process does not need it

    place = Path(tempfile.gettempdir())
    _remove_leftovers(place)
    with contextlib.ExitStack() as stack:
        try:
            folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
            stack.enter_context(lock_folder(folder))
        except OSError as error:
            raise WriteError(
                f"{place}: no folder can be made there for --jobs: {reason(error)}; set TMPDIR to another"
            ) from None
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        yield folder


def _remove_leftovers(place: Path) -> None:
    """Remove our folders that no process has locked; nothing where there are no locks to tell by."""
    for folder in place.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            status = folder.lstat()
            is_ours = stat.S_ISDIR(status.st_mode) and (not hasattr(os, "getuid") or status.st_uid == os.getuid())
            if is_ours and time.time() - status.st_mtime > MIN_LEFTOVER_SECONDS:
                with lock_folder(folder) as is_locked:
                    if is_locked:
                        shutil.rmtree(folder)
