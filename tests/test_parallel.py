import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from classifier import ClassifierError
from classifier.tagging.executors import MAX_AHEAD, in_order

# What workers do is found by them by name, in this module.


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


def test_results_come_in_order() -> None:
    assert list(in_order(square, range(40), 3, nothing)) == [k * k for k in range(40)]
    assert list(in_order(square, [], 2, nothing)) == []


def test_an_item_that_kills_its_process_is_named_and_the_others_are_done() -> None:
    found = list(in_order(square_or_die, range(30), 2, nothing))
    assert found == [None if k % 10 == 7 else k * k for k in range(30)]


def test_what_a_dead_process_had_under_way_is_done_once(tmp_path: Path) -> None:
    items = [(k, tmp_path / "died") for k in range(20)]
    assert list(in_order(square_or_die_once, items, 2, nothing)) == [k * k for k in range(20)]
    assert (tmp_path / "died").exists()


def test_processes_that_cannot_begin_are_given_up() -> None:
    with pytest.raises(ClassifierError, match="die before they have begun"):
        list(in_order(square, range(3), 2, die))
    with pytest.raises(ValueError, match="no 7"):
        list(in_order(square, range(3), 2, fail, [7]))


def test_items_are_read_a_little_ahead_only() -> None:
    taken = 0

    def items() -> Iterator[int]:
        nonlocal taken
        for number in range(1000):
            taken += 1
            yield number

    results = in_order(square, items(), 2, nothing)
    assert next(results) == 0
    assert taken <= 2 * MAX_AHEAD + 1
    results.close()  # type: ignore[attr-defined]


def test_an_error_of_the_work_is_raised() -> None:
    with pytest.raises(ValueError, match="no 0"):
        list(in_order(fail, range(3), 2, nothing))
