import signal
import threading
import time

import pytest

from classifier import LimitError
from classifier.readers import limits


def spin(seconds: float) -> None:
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def test_processor_time_is_limited() -> None:
    begin = time.process_time()
    with pytest.raises(LimitError, match="takes more than 0 seconds of processor time"), limits.processor_time(0.2):
        spin(20)
    assert time.process_time() - begin < 5


def test_what_ends_in_time_is_left_alone() -> None:
    with limits.processor_time(0.3):
        pass
    spin(0.5)
    assert signal.getsignal(signal.SIGPROF) is signal.SIG_DFL


def test_waiting_costs_nothing() -> None:
    with limits.processor_time(0.1):
        time.sleep(0.5)


def test_a_thread_is_not_limited() -> None:
    done: list[bool] = []

    def work() -> None:
        with limits.processor_time(0.1):
            spin(0.3)
        done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done


def test_a_signal_of_somebody_else_is_left_alone() -> None:
    before = signal.signal(signal.SIGPROF, signal.SIG_IGN)
    try:
        with limits.processor_time(0.1):
            spin(0.3)
        assert signal.getsignal(signal.SIGPROF) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGPROF, before)


def test_more_text_may_take_more_time_but_not_any() -> None:
    assert limits.seconds_for(0) < limits.seconds_for(2**20) < limits.seconds_for(2**23) == limits.seconds_for(2**26)
