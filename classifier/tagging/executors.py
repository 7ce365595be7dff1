"""Do work on many items in several processes, in order, whatever becomes of a process.

The pool is that of `concurrent.futures`, with workers that are spawned, since a process that has threads (those of BLAS) must
not be forked. Where a worker dies (out of memory, killed), such a pool gives up all that it had under way without saying over
which item. So the items that may have been to blame are done once more, each alone in a pool of its own: an item over which a
process dies there too is given up, and all others are done as if nothing had happened.

Items and results go through pipes that all workers share, and a process that is killed in the middle of a long one could
block them. So both should be short; what is long is left in a file.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import resource_tracker
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any, Generic, NamedTuple, TypeVar

from classifier.errors import ClassifierError, reason

Item = TypeVar("Item")
Result = TypeVar("Result")

MAX_AHEAD = 16
"""Items for each process that are handed out before the first of them is done: enough that a slow one keeps none waiting."""

MAX_FALSE_STARTS = 5
"""Processes that may die one after the other before they have begun."""


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
        A function of a module, called with each item in some process. Its result should be short: less than 4 KB.
    items
        The items, short too; read only a little ahead.
    n_jobs
        Number of processes, at least 1.
    prepare, arguments
        Called once in each process before its first item.

    Yields
    ------
    Result or None
        In the order of the items; None for an item over which two processes died, the second with this item alone.

    Raises
    ------
    ClassifierError
        If processes cannot be started, or die before they have begun.
    Exception
        What `work` or `prepare` raised, when it is that item's turn.
    """
    source = iter(items)
    tasks: deque[_Task[Item, Result]] = deque()  # handed out and not yet yielded, in order
    pool = _Pool(n_jobs, work, prepare, arguments)
    try:
        while True:
            while len(tasks) < MAX_AHEAD * n_jobs and (item := next(source, _END)) is not _END:
                tasks.append(_Task(item, pool.submit(item)))
            if not tasks:
                pool.end()
                return
            try:
                result = tasks[0].future.result()
            except BrokenProcessPool:
                pool.kill()
                pool = _Pool(n_jobs, work, prepare, arguments)
                tasks = _done_again(tasks, pool, n_jobs)
                continue
            tasks.popleft()
            yield result
    finally:
        pool.kill()


_END: Any = object()


class _Task(NamedTuple, Generic[Item, Result]):
    """An item, and what becomes of it."""

    item: Item
    future: Future[Result | None]


class _Pool(Generic[Item, Result]):
    """Processes that work, and can be ended at once."""

    def __init__(
        self, n_jobs: int, work: Callable[[Item], Result], prepare: Callable[..., object], arguments: Sequence[Any]
    ) -> None:
        self._job = work, prepare, tuple(arguments)
        self._context = _Context()
        with _failure_said(), away_from_current_folder():
            resource_tracker.ensure_running()  # or the first worker would start it, and let signals through again
            self._executor = ProcessPoolExecutor(n_jobs, mp_context=self._context, initializer=_end_with_parent)

    def submit(self, item: Item) -> Future[Result | None]:
        """Hand out an item."""
        try:
            with _failure_said(), away_from_current_folder():
                return self._executor.submit(_do, *self._job, item)
        except BrokenProcessPool as error:  # a worker has just died
            future: Future[Result | None] = Future()
            future.set_exception(error)
            return future

    def alone(self) -> _Pool[Item, Result]:
        """Return a pool of one process that does the same, once that process has begun.

        Raises
        ------
        ClassifierError
            If it dies before it has begun, again and again.
        """
        for _ in range(MAX_FALSE_STARTS):
            pool: _Pool[Item, Result] = _Pool(1, *self._job)
            try:
                with _failure_said(), away_from_current_folder():
                    pool._executor.submit(_begin, *self._job[1:]).result()
                return pool
            except BrokenProcessPool:
                pool.kill()
            except BaseException:
                pool.kill()
                raise
        raise ClassifierError("processes die before they have begun: is there memory for them? try fewer --jobs")

    def end(self) -> None:
        """Let the processes end, which have nothing to do any more."""
        self._executor.shutdown(wait=True)

    def kill(self) -> None:
        """End all processes, whatever they are doing."""
        for worker in self._context.workers:
            with contextlib.suppress(ValueError):  # the pool has closed it already
                if worker.pid is not None:  # it could be started
                    worker.kill()
        self._executor.shutdown(wait=True, cancel_futures=True)


def _done_again(
    tasks: deque[_Task[Item, Result]], pool: _Pool[Item, Result], n_jobs: int
) -> deque[_Task[Item, Result]]:
    """Do alone what may have cost a worker its life, and hand the rest of what was lost to a new pool.

    Items are begun in order, so those that were under way are among the first that are not done: one for each process, and
    one that the pool keeps in reserve.
    """
    suspects = n_jobs + 1
    again: deque[_Task[Item, Result]] = deque()
    for task in tasks:
        if not _is_lost(task.future):
            again.append(task)
        elif suspects > 0:
            suspects -= 1
            again.append(_Task(task.item, _alone(task.item, pool)))
        else:
            again.append(_Task(task.item, pool.submit(task.item)))
    return again


def _is_lost(future: Future[Any]) -> bool:
    return not future.done() or future.cancelled() or isinstance(future.exception(), BrokenProcessPool)


def _alone(item: Item, pool: _Pool[Item, Result]) -> Future[Result | None]:
    """Do an item in a pool of its own; the result is None if the process dies over it."""
    single = pool.alone()
    try:
        future = single.submit(item)
        if isinstance(future.exception(), BrokenProcessPool):  # waits
            future = Future()
            future.set_result(None)
        else:
            single.end()
        return future
    finally:
        single.kill()


# --- how processes begin and end -----------------------------------------------------------------------------------------


class _Context(SpawnContext):
    """Starts workers and remembers them."""

    def __init__(self) -> None:
        super().__init__()
        self.workers: list[SpawnProcess] = []

    def Process(self, *arguments: Any, **named: Any) -> SpawnProcess:  # type: ignore[override]  # noqa: N802
        worker = _Worker(*arguments, **named)
        self.workers.append(worker)
        return worker


class _Worker(SpawnProcess):
    """A process to which Ctrl-C says nothing: the parent gets it too, and ends the work."""

    def start(self) -> None:
        # what a process has blocked, the processes that it starts have too
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            super().start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def away_from_current_folder() -> Iterator[None]:
    """Keep processes started in the block from looking for modules in the current folder, where files of strangers are.

    >>> with away_from_current_folder():
    ...     os.environ["PYTHONSAFEPATH"]
    '1'
    """
    name, before = "PYTHONSAFEPATH", os.environ.get("PYTHONSAFEPATH")
    os.environ[name] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


@contextlib.contextmanager
def _failure_said() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ClassifierError(f"a process cannot be started: {reason(error)}; try fewer --jobs") from None


def _end_with_parent() -> None:
    """End this worker when its parent has died: nobody else would tell it."""
    parent = multiprocessing.parent_process()

    def wait() -> None:
        if parent is not None:
            parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


_begun = False


def _begin(prepare: Callable[..., object], arguments: Sequence[Any]) -> None:
    global _begun
    if not _begun:
        prepare(*arguments)
        _begun = True


def _do(work: Callable[[Any], Any], prepare: Callable[..., object], arguments: Sequence[Any], item: Any) -> Any:
    _begin(prepare, arguments)
    return work(item)
