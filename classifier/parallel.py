"""Items go through processes of their own and come out in order, whatever becomes of a process.

Each process has a pipe of its own and nothing is shared, so that one that dies (out of memory, killed) leaves neither a lock
nor half a message to the others; `concurrent.futures` hangs where a process is killed while it hands over a result. What a
dead process had under way is done again by a new one.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, TypeVar

from classifier.errors import ClassifierError

Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD = 4
"""Items a process that are under way or wait for their turn: enough that none idles, few enough that memory stays small."""
TRIES = 2
"""So often an item is done whose process dies over it."""
PATIENCE = 1.0
"""Seconds that a process has to end by itself."""
STARTS = 3
"""So many processes may die one after the other before they have begun."""


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
        In the order of the items; None for an item over which a process died, and a second one too.

    Raises
    ------
    ClassifierError
        If processes die before they have begun.
    Exception
        What `work` raised, when it is that item's turn, or `prepare`.
    """
    crew: _Crew[Item, Result] = _Crew(n_jobs, work, prepare, arguments)
    left = enumerate(items)
    to_do: deque[tuple[int, Item]] = deque()
    done: dict[int, tuple[bool, Any]] = {}
    turn, taken, more = 0, 0, True
    try:
        while True:
            while more and taken - turn < AHEAD * n_jobs:
                entry = next(left, None)
                if entry is None:
                    more = False
                else:
                    to_do.append(entry)
                    taken += 1
            crew.give(to_do)
            while turn in done:
                is_sound, answer = done.pop(turn)
                if not is_sound:
                    raise answer
                yield answer
                turn += 1
            if turn == taken and not more:
                return
            if turn not in done:
                crew.collect(to_do, done)
    finally:
        crew.end()


class _Process(Generic[Item]):
    """A process, this end of its pipe, and the item it works on with its number.

    It is sent an item only when it waits for one: were both ends to write at once, each would wait for the other to read.
    """

    def __init__(self, arguments: tuple[Any, ...]) -> None:
        # spawned, since a process that has threads (those of BLAS) must not be forked
        context = multiprocessing.get_context("spawn")
        self.pipe, other = context.Pipe()
        self.process = context.Process(target=_serve, args=(other, *arguments), daemon=True)
        resource_tracker.ensure_running()  # which a first process would start, and let signals through again
        # Ctrl-C reaches all, and the parent ends the work: what a process has blocked, those that it starts have too
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self.process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        other.close()  # or its end would not be noticed
        self.has_begun = False
        self.in_hand: tuple[int, Item] | None = None


class _Crew(Generic[Item, Result]):
    """The processes at work."""

    def __init__(self, n_jobs: int, *arguments: Any) -> None:
        self._arguments = arguments
        self._tries: dict[int, int] = {}
        self._false_starts = 0
        self._processes: list[_Process[Item]] = []
        try:
            for _ in range(n_jobs):
                self._processes.append(self._start())
        except BaseException:
            self.end()
            raise

    def give(self, to_do: deque[tuple[int, Item]]) -> None:
        """Give items to those that wait for one."""
        for process in self._processes:
            if to_do and process.has_begun and process.in_hand is None:
                process.in_hand = to_do.popleft()
                with contextlib.suppress(OSError):  # it has died, and `collect` will see it
                    process.pipe.send(process.in_hand[1])

    def collect(self, to_do: deque[tuple[int, Item]], done: dict[int, tuple[bool, Any]]) -> None:
        """Wait until something was done or a process has died; what that one had in hand is to be done again."""
        ready = wait([process.pipe for process in self._processes])
        for process in [each for each in self._processes if each.pipe in ready]:
            try:
                is_sound, answer = process.pipe.recv()
            except (EOFError, OSError):
                self._replace(process, to_do, done)
                continue
            if process.in_hand is not None:
                done[process.in_hand[0]] = is_sound, answer
            elif not is_sound:  # it could not begin
                raise answer
            process.has_begun, process.in_hand, self._false_starts = True, None, 0

    def _replace(
        self, process: _Process[Item], to_do: deque[tuple[int, Item]], done: dict[int, tuple[bool, Any]]
    ) -> None:
        if not process.has_begun:
            self._false_starts += 1
            if self._false_starts == STARTS:
                raise ClassifierError(
                    "processes die before they have begun: is there memory for them? try fewer --jobs"
                )
        _end(process)
        if process.in_hand is not None:
            number, _ = process.in_hand
            self._tries[number] = self._tries.get(number, 0) + 1
            if self._tries[number] == TRIES:
                done[number] = True, None
            else:
                to_do.appendleft(process.in_hand)
        self._processes[self._processes.index(process)] = self._start()

    def _start(self) -> _Process[Item]:
        try:
            return _Process(self._arguments)
        except OSError as error:
            raise ClassifierError(f"a process cannot be started: {error.strerror}; try fewer --jobs") from None

    def end(self) -> None:
        """End all processes, whatever they are doing."""
        for process in self._processes:
            process.pipe.close()  # those that wait for an item end by themselves
        for process in self._processes:
            _end(process)


def _end(process: _Process[Any]) -> None:
    process.pipe.close()
    process.process.join(PATIENCE)
    process.process.kill()
    process.process.join()
    process.process.close()


def _serve(
    pipe: Connection, work: Callable[[Any], object], prepare: Callable[..., object], arguments: Sequence[Any]
) -> None:
    """Do what comes through the pipe until its other end is closed, which it also is when the parent has died."""
    with contextlib.suppress(EOFError, OSError):
        pipe.send(_answer(prepare, *arguments, keep=False))
        while True:
            pipe.send(_answer(work, pipe.recv()))


def _answer(do: Callable[..., object], *arguments: Any, keep: bool = True) -> tuple[bool, object]:
    """Give whether something could be done, and its result or the error."""
    try:
        result = do(*arguments)
    except Exception as error:
        return False, error
    return True, result if keep else None
