"""A subscriber of the log on a thread of its own, which holds each message against what must come next."""

import threading

GAP_REASON_TRIMMED = 1


class LogReader:
    """Iterates over the call of a subscription once it is started.

    It fails when an offset comes twice, out of order or not at all, except for those in a gap of what was trimmed, and
    when the service ends the subscription. `see` is called with each record, on the reader's thread.
    """

    def __init__(self, call, see=None):
        self.received = self.trimmed = self.gaps = 0
        self.due = None  # the next offset
        self.caught_up = False
        self.failure = None
        self._call, self._see = call, see or (lambda record: None)
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self):
        self._thread.start()
        return self

    def check(self):
        """True, so that it can stand in a condition."""
        if self.failure is not None:
            raise AssertionError(f"a reader failed: {self.failure!r}")
        return True

    def stop(self):
        self._call.cancel()
        self._thread.join(timeout=60)
        if self._thread.is_alive():
            raise AssertionError("a reader does not end")
        self.check()

    def _run(self):
        try:
            for response in self._call:
                self._take(response)
            raise AssertionError("the subscription ended")
        except Exception as failure:  # kept for the test's own thread
            if not self._call.cancelled():
                self.failure = failure

    def _take(self, response):
        kind = response.WhichOneof("message")
        self.caught_up = kind in ("caught_up", "heartbeat")
        if kind == "started":
            self.due = response.started.next_offset
        elif kind == "gap":
            self._take_gap(response.gap)
        elif kind == "batch":
            for record in response.batch.records:
                if record.offset != self.due:
                    raise AssertionError(f"due is {self.due}, not {record.offset}")
                self._see(record)
                self.due += 1
            self.received += len(response.batch.records)
        elif kind == "ending":
            raise AssertionError(f"it was ended: {response}")

    def _take_gap(self, gap):
        if gap.reason != GAP_REASON_TRIMMED or gap.start_offset != self.due or gap.next_offset <= self.due:
            raise AssertionError(f"due is {self.due}, not a gap {gap}")
        self.gaps += 1
        self.trimmed += gap.next_offset - self.due
        self.due = gap.next_offset
