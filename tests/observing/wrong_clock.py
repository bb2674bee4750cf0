"""A process of ours on a machine whose clock is set wrong: `python -m tests.observing.wrong_clock` runs the module that SIWRNAI_TEST_MODULE
names, with a clock that is SIWRNAI_TEST_AHEAD seconds ahead.

What reads a machine's clock in Python is moved: the one place of ours, and the standard library's seconds.
"""

import datetime as dt
import importlib
import os
import sys
import time

from observing import clocks

MODULE, AHEAD = "SIWRNAI_TEST_MODULE", "SIWRNAI_TEST_AHEAD"

WRONG = "tests.observing.wrong_clock"


def wrong(module: str, by: dt.timedelta) -> dict[str, str]:
    """What tells this program to run that module with a clock wrong by so much."""
    return {MODULE: module, AHEAD: str(by.total_seconds())}


def set_wrong(seconds: float) -> None:
    """From now on this process has another time."""
    true, true_ns = time.time, time.time_ns
    time.time = lambda: true() + seconds
    time.time_ns = lambda: true_ns() + round(seconds * 1_000_000_000)
    clocks.machine = lambda: dt.datetime.fromtimestamp(time.time(), dt.UTC)


if __name__ == "__main__":
    set_wrong(float(os.environ[AHEAD]))
    sys.exit(importlib.import_module(os.environ[MODULE]).main())
