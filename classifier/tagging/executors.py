"""Map a function over many items, in this process or in several, in order, whatever happens to a process.

`SerialExecutor` and `ProcessExecutor` do the same; only the latter survives an item that kills its process.

The processes are those of `concurrent.futures`. They are spawned: a process with threads (those of BLAS) must not be forked.
When a worker dies (out of memory, killed), such a pool gives up all items under way without naming the one to blame. So each
item that may be to blame is repeated alone, in a pool of its own: an item whose process dies there too is given up, and all
other items are done as if nothing had happened.

Items and results go through pipes that all workers share, and a process killed in the middle of a long one could block them.
So both should be short; write long results to a file.
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
from dataclasses import dataclass
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from classifier.errors import ClassifierError, reason

Item = TypeVar("Item")
Result = TypeVar("Result")

MAX_AHEAD = 16
"""Items per process that are handed out before the first of them is done: enough that a slow one keeps no process waiting."""

MAX_FALSE_STARTS = 5
"""Processes in a row that may die before they have started to work."""

_HAS_SIGNAL_MASKS = hasattr(signal, "pthread_sigmask")  # not on Windows


class Executor(Protocol):
    """A way to map a function over items, in order."""

    def map(
        self,
        work: Callable[[Item], Result],
        items: Iterable[Item],
        prepare: Callable[..., object],
        arguments: Sequence[Any] = (),
    ) -> Iterator[Result | None]:
        """Yield ``work(item)`` for each item, in order; None for an item that its process did not survive.

        Parameters
        ----------
        work
            A function of a module, called with each item in some process.
        items
            Read only a little ahead.
        prepare, arguments
            ``prepare(*arguments)`` is called once in each process before its first item.

        Raises
        ------
        Exception
            Any error of `work` or `prepare`, when it is that item's turn.
        """
        ...


@dataclass(frozen=True)
class SerialExecutor:
    """Work in this process.

    >>> list(SerialExecutor().map(abs, [-1, 2], prepare=list))
    [1, 2]
    """

    def map(
        self,
        work: Callable[[Item], Result],
        items: Iterable[Item],
        prepare: Callable[..., object],
        arguments: Sequence[Any] = (),
    ) -> Iterator[Result | None]:
        """Yield ``work(item)`` for each item; see `Executor.map`."""
        prepare(*arguments)
        yield from map(work, items)


@dataclass(frozen=True)
class ProcessExecutor:
    """Work in several processes.

    Parameters
    ----------
    n_jobs
        Number of processes, at least 1.

    Examples
    --------
    >>> list(ProcessExecutor(2).map(abs, [-1, 2], prepare=list))
    [1, 2]
    """

    n_jobs: int

    def map(
        self,
        work: Callable[[Item], Result],
        items: Iterable[Item],
        prepare: Callable[..., object],
        arguments: Sequence[Any] = (),
    ) -> Iterator[Result | None]:
        """Yield ``work(item)`` for each item; see `Executor.map`.

        Items and results should be short, results less than 4 KB.

        Yields
        ------
        Result or None
            None for an item that killed two processes, the second while working on this item alone.

        Raises
        ------
        ClassifierError
            If processes cannot be started, or die before they have started to work.
        """
        return in_order(work, items, self.n_jobs, prepare, arguments)


def in_order(
    work: Callable[[Item], Result],
    items: Iterable[Item],
    n_jobs: int,
    prepare: Callable[..., object],
    arguments: Sequence[Any] = (),
) -> Iterator[Result | None]:
    """Do the work of `ProcessExecutor.map`."""
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
                tasks = _resubmit(tasks, pool, n_jobs)
                continue
            tasks.popleft()
            yield result
    finally:
        pool.kill()


_END: Any = object()


class _Task(NamedTuple, Generic[Item, Result]):
    """An item and its result to come."""

    item: Item
    future: Future[Result | None]


class _Pool(Generic[Item, Result]):
    """Processes that can be killed at any time."""

    def __init__(
        self, n_jobs: int, work: Callable[[Item], Result], prepare: Callable[..., object], arguments: Sequence[Any]
    ) -> None:
        self._job = work, prepare, tuple(arguments)
        self._context = _Context()
        with _start_errors(), away_from_current_folder():
            _start_resource_tracker()
            self._executor = ProcessPoolExecutor(n_jobs, mp_context=self._context, initializer=_initialize_worker)

    def submit(self, item: Item) -> Future[Result | None]:
        """Hand out an item."""
        try:
            with _start_errors(), away_from_current_folder():
                return self._executor.submit(_do, *self._job, item)
        except BrokenProcessPool as error:  # a worker has just died
            future: Future[Result | None] = Future()
            future.set_exception(error)
            return future

    def single(self) -> _Pool[Item, Result]:
        """Return a pool of one process for the same work, once that process is prepared.

        Raises
        ------
        ClassifierError
            If it dies before that `MAX_FALSE_STARTS` times.
        """
        for _ in range(MAX_FALSE_STARTS):
            pool: _Pool[Item, Result] = _Pool(1, *self._job)
            try:
                with _start_errors(), away_from_current_folder():
                    pool._executor.submit(_prepare_once, *self._job[1:]).result()
                return pool
            except BrokenProcessPool:
                pool.kill()
            except BaseException:
                pool.kill()
                raise
        raise ClassifierError("processes die before they start to work: is there memory for them? try fewer --jobs")

    def end(self) -> None:
        """Let the processes end, which have no work left."""
        self._executor.shutdown(wait=True)

    def kill(self) -> None:
        """End all processes at once, busy or not."""
        for worker in self._context.workers:
            with contextlib.suppress(ValueError):  # already closed by the pool
                if worker.pid is not None:  # it was started
                    worker.kill()
        self._executor.shutdown(wait=True, cancel_futures=True)


def _resubmit(tasks: deque[_Task[Item, Result]], pool: _Pool[Item, Result], n_jobs: int) -> deque[_Task[Item, Result]]:
    """Repeat alone each item that may have killed a worker, and hand the other lost items to a new pool.

    Items are started in order, so the ones under way are among the first that are not done: one for each process, and
    one that the pool keeps in reserve.
    """
    n_suspects = n_jobs + 1
    resubmitted: deque[_Task[Item, Result]] = deque()
    for task in tasks:
        if not _is_lost(task.future):
            resubmitted.append(task)
        elif n_suspects > 0:
            n_suspects -= 1
            resubmitted.append(_Task(task.item, _do_alone(task.item, pool)))
        else:
            resubmitted.append(_Task(task.item, pool.submit(task.item)))
    return resubmitted


def _is_lost(future: Future[Any]) -> bool:
    return not future.done() or future.cancelled() or isinstance(future.exception(), BrokenProcessPool)


def _do_alone(item: Item, pool: _Pool[Item, Result]) -> Future[Result | None]:
    """Do an item in a pool of its own; the result is None if it kills the process."""
    single = pool.single()
    try:
        future = single.submit(item)
        if isinstance(future.exception(), BrokenProcessPool):  # exception() waits for the end
            future = Future()
            future.set_result(None)
        else:
            single.end()
        return future
    finally:
        single.kill()


# --- start and end of processes ------------------------------------------------------------------------------------------


class _Context(SpawnContext):
    """Start workers and remember them."""

    def __init__(self) -> None:
        super().__init__()
        self.workers: list[SpawnProcess] = []

    def Process(self, *arguments: Any, **settings: Any) -> SpawnProcess:  # type: ignore[override]  # noqa: N802
        worker = _Worker(*arguments, **settings)
        self.workers.append(worker)
        return worker


class _Worker(SpawnProcess):
    """A process that ignores Ctrl-C: the parent gets it too, and ends the work."""

    def start(self) -> None:
        if not _HAS_SIGNAL_MASKS:  # `_initialize_worker` has SIGINT ignored
            super().start()
            return
        # a process inherits the blocked signals of its parent
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            super().start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start_resource_tracker() -> None:
    """Start the tracker of `multiprocessing` now, or the first worker would start it, and unblock SIGINT after that."""
    if os.name == "posix" and _HAS_SIGNAL_MASKS:
        from multiprocessing import resource_tracker

        resource_tracker.ensure_running()


@contextlib.contextmanager
def away_from_current_folder() -> Iterator[None]:
    """Keep processes started in the block from importing modules of the current folder, where a stranger's files may be.

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
def _start_errors() -> Iterator[None]:
    """Turn an error of the system into the sentence that a process cannot be started."""
    try:
        yield
    except OSError as error:
        raise ClassifierError(f"a process cannot be started: {reason(error)}; try fewer --jobs") from None


def _initialize_worker() -> None:
    """Prepare this worker to ignore Ctrl-C and to end when its parent has died, which no other process would tell it."""
    if not _HAS_SIGNAL_MASKS:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def wait() -> None:
        if parent is not None:
            parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


_is_prepared = False


def _prepare_once(prepare: Callable[..., object], arguments: Sequence[Any]) -> None:
    global _is_prepared
    if not _is_prepared:
        prepare(*arguments)
        _is_prepared = True


def _do(work: Callable[[Any], Any], prepare: Callable[..., object], arguments: Sequence[Any], item: Any) -> Any:
    _prepare_once(prepare, arguments)
    return work(item)
