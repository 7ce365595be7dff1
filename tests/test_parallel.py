import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from classifier import ClassifierError
from classifier.tagging.executors import MAX_AHEAD, Executor, ProcessExecutor, SerialExecutor

pytestmark = pytest.mark.slow

# Workers import these functions from this module by name.


def nothing() -> None:
    pass


def square(number: int) -> int:
    time.sleep(0.02 * (number % 3))  # so that they do not end in their order
    return number * number


def square_or_die(number: int) -> int:
    if number % 10 == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return square(number)


def square_or_die_once(item: tuple[int, Path]) -> int:
    number, mark = item
    if number == 5 and not mark.exists():
        mark.touch()
        os._exit(3)
    return number * number


def die() -> None:
    os._exit(1)


def fail(number: int) -> int:
    raise ValueError(f"no {number}")


@pytest.mark.parametrize("executor", [SerialExecutor(), ProcessExecutor(3)], ids=lambda e: type(e).__name__)
def test_results_come_in_order(executor: Executor) -> None:
    assert list(executor.map(square, range(40), nothing)) == [k * k for k in range(40)]
    assert list(executor.map(square, [], nothing)) == []


def test_an_item_that_kills_its_process_is_named_and_the_others_are_done() -> None:
    found = list(ProcessExecutor(2).map(square_or_die, range(30), nothing))
    assert found == [None if k % 10 == 7 else k * k for k in range(30)]


def test_what_a_dead_process_had_under_way_is_done_once(tmp_path: Path) -> None:
    items = [(k, tmp_path / "died") for k in range(20)]
    assert list(ProcessExecutor(2).map(square_or_die_once, items, nothing)) == [k * k for k in range(20)]
    assert (tmp_path / "died").exists()


def test_processes_that_cannot_begin_are_given_up() -> None:
    with pytest.raises(ClassifierError, match="die before they start to work"):
        list(ProcessExecutor(2).map(square, range(3), die))


def test_items_are_read_a_little_ahead_only() -> None:
    taken = 0

    def items() -> Iterator[int]:
        nonlocal taken
        for number in range(1000):
            taken += 1
            yield number

    results = ProcessExecutor(2).map(square, items(), nothing)
    assert next(results) == 0
    assert taken <= 2 * MAX_AHEAD + 1
    results.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("executor", [SerialExecutor(), ProcessExecutor(2)], ids=lambda e: type(e).__name__)
def test_an_error_of_the_work_or_the_preparation_is_raised(executor: Executor) -> None:
    with pytest.raises(ValueError, match="no 0"):
        list(executor.map(fail, range(3), nothing))
    with pytest.raises(ValueError, match="no 7"):
        list(executor.map(square, range(3), fail, [7]))
