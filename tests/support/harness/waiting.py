"""The one poll of the tests: waits for a condition, with a deadline that only a broken program reaches."""

import time

PATIENCE_S = 60


class NeverHappened(AssertionError):
    """The condition did not become true."""


def wait_until(condition, what, patience_s=PATIENCE_S, interval_s=0.02):
    """Returns the first true value of condition(). `what` is a text, or a function that makes one, for the failure."""
    deadline = time.monotonic() + patience_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise NeverHappened(f"after {patience_s} s still not: {what() if callable(what) else what}")
        time.sleep(interval_s)
