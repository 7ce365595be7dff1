"""Items go through processes of their own and come out in order, whatever becomes of a process.

`concurrent.futures` gives up all that is under way when a worker dies (out of memory, killed). Here those items are done
again, each alone, so that nothing is lost or doubled, and the one that kills its worker is known by name.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD = 4
"""Items under way a process: enough that none waits, few enough that results that wait for their turn stay few."""


def in_order(
    work: Callable[[Item], Result],
    items: Iterable[Item],
    n_jobs: int,
    prepare: Callable[..., object],
    arguments: Sequence[Any] = (),
) -> Iterator[Result | None]:
    """Do work on items in several processes.

    Parameters
    ----------
    work
        A function of a module, called with each item in some process.
    items
        What to do it on; read only a little ahead.
    n_jobs
        Number of processes, at least 1.
    prepare, arguments
        Called once in each process before its first item.

    Yields
    ------
    Result or None
        In the order of the items; None for an item whose process died, and died again when it was alone with it.
    """
    left = iter(items)
    waiting: deque[tuple[Item, Future[Result]]] = deque()
    pool = _pool(n_jobs, prepare, arguments)
    try:
        while True:
            waiting.extend((item, _submit(pool, work, item)) for item in islice(left, AHEAD * n_jobs - len(waiting)))
            if not waiting:
                return
            item, future = waiting.popleft()
            try:
                result = future.result()
            except BrokenProcessPool:
                pool.shutdown()
                suspects = [(item, future), *waiting]
                waiting.clear()
                yield from _one_by_one(work, suspects, prepare, arguments)
                pool = _pool(n_jobs, prepare, arguments)
            else:
                yield result
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _submit(pool: ProcessPoolExecutor, work: Callable[[Item], Result], item: Item) -> Future[Result]:
    try:
        return pool.submit(work, item)
    except BrokenProcessPool as error:  # a process died since the last look: the item is done again like the others
        future: Future[Result] = Future()
        future.set_exception(error)
        return future


def _one_by_one(
    work: Callable[[Item], Result],
    suspects: Iterable[tuple[Item, Future[Result]]],
    prepare: Callable[..., object],
    arguments: Sequence[Any],
) -> Iterator[Result | None]:
    """Give what was done before a process died, and do the rest again, each item alone."""
    pool = _pool(1, prepare, arguments)
    try:
        for item, future in suspects:
            if future.exception() is None:
                yield future.result()
                continue
            try:
                yield pool.submit(work, item).result()
            except BrokenProcessPool:
                yield None
                pool.shutdown()
                pool = _pool(1, prepare, arguments)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _pool(n_jobs: int, prepare: Callable[..., object], arguments: Sequence[Any]) -> ProcessPoolExecutor:
    # spawned, since a process that has threads (those of BLAS) must not be forked
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(n_jobs, context, _begin, (os.getpid(), prepare, tuple(arguments)))


def _begin(parent: int, prepare: Callable[..., object], arguments: tuple[Any, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all; the parent ends the work
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    prepare(*arguments)


def _end_with(parent: int) -> None:
    """End this process once its parent is gone: nobody will give it work or take what it did."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)
