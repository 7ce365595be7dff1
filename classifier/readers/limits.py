"""Limit the cost of one file: processor time in proportion to its size, and a fixed amount of memory.

A policy has some 20,000 bytes and takes milliseconds. A costly file, by intent or not, must not keep the others waiting:
past its limit it is named and skipped. The limit is on processor time, not wall time, so that a busy machine changes
nothing. A signal ends the work, which Python handles between two instructions; only a child process, as in
`readers.isolated`, can also be stopped within a library.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator

from classifier.errors import LimitError

MAX_MEMORY_BYTES = 900 * 2**20
"""Address space of a process that reads one file."""
MIN_SECONDS, MAX_SECONDS, SECONDS_PER_MIB = 10.0, 30.0, 4.0
"""Processor seconds for reading a file, and as many for tagging it: for an empty one, for the largest, and per MiB."""


def seconds_for(n_bytes: int) -> float:
    """Compute the processor seconds that reading or tagging files of `n_bytes` bytes may take.

    >>> seconds_for(20_000), seconds_for(64 * 2**20)
    (10.07..., 30.0)
    """
    return min(MAX_SECONDS, MIN_SECONDS + SECONDS_PER_MIB * n_bytes / 2**20)


@contextlib.contextmanager
def processor_time(seconds: float) -> Iterator[None]:
    """Raise `LimitError` in a `with` block once it has used this much processor time.

    It has no effect outside the main thread, on systems without such a timer, and if the program uses the signal SIGPROF for
    something else, as some profilers do. Do not nest it.

    Raises
    ------
    LimitError
        When the time is up.

    Examples
    --------
    >>> with processor_time(10):
    ...     sum(range(1000))
    499500
    """
    is_usable = (
        hasattr(signal, "setitimer")
        and threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGPROF) is signal.SIG_DFL
    )
    if not is_usable:
        yield
        return

    def stop(_number: int, _frame: object) -> None:
        raise LimitError(f"takes more than {seconds:.0f} seconds of processor time")

    signal.signal(signal.SIGPROF, stop)
    try:
        signal.setitimer(signal.ITIMER_PROF, seconds)
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
