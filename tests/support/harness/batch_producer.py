"""A producer of numbered batches in Python, so that a torn, lost or repeated batch shows in the log itself."""

import random
import threading

from log_client import LogClient, text_event


class BatchProducer:
    """Appends one batch after the other on its own thread, and repeats each until it is acknowledged."""

    def __init__(self, address, subject, pause_s=0.002):
        self.subject = subject
        self.acknowledged = []  # the first offset of each batch in order; appended by the thread alone
        self.sizes = []  # the size of each batch that was sent
        self.failure = None
        self._client = LogClient(address)
        self._pause_s = pause_s
        self._stopping = threading.Event()
        self._going = threading.Event()
        self._going.set()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def pause(self):
        self._going.clear()

    def resume(self):
        self._going.set()

    def stop(self):
        """Waits for the acknowledgement of the last batch."""
        self._stopping.set()
        self._going.set()
        self._thread.join(timeout=90)
        if self._thread.is_alive():
            raise AssertionError(f"{self.subject}: batch {len(self.acknowledged)} is not acknowledged")
        if self.failure is not None:
            raise AssertionError(f"{self.subject}: {self.failure!r}")
        self._client.close()

    def _run(self):
        sequence = 0
        sizes = random.Random(self.subject)
        try:
            while not self._stopping.is_set():
                number, size = len(self.sizes), sizes.randint(1, 20)
                self.sizes.append(size)
                events = [text_event("batch.item", '{"padding":"%s"}' % ("x" * 200), self.subject,
                                     {"batch": str(number), "index": str(index), "size": str(size)})
                          for index in range(size)]
                reply = self._client.append_until_acknowledged(events, (self.subject, 0, sequence))
                if reply.next_offset - reply.first_offset != size:
                    raise AssertionError(f"a batch of {size} was acknowledged as {reply}")
                self.acknowledged.append(reply.first_offset)
                sequence += size
                self._stopping.wait(self._pause_s)
                self._going.wait()
        except Exception as failure:  # kept for the test's own thread
            self.failure = failure
