#!/usr/bin/python3
"""The log is trimmed again and again under its readers: each sees every record, or a gap of what was trimmed, and
nothing else; all see the same."""

import os
import random
import sys
import threading
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from batch_producer import BatchProducer  # noqa: E402
from log_client import LogClient, message  # noqa: E402
from log_reader import GAP_REASON_TRIMMED, LogReader  # noqa: E402
from processes import ProcessTest  # noqa: E402
from services import EventLogService  # noqa: E402
from waiting import wait_until  # noqa: E402

PAGE_RECORDS = 40
TO_THE_HEAD_EVERY = 20  # trims
PART = 10  # other trims take up to this part of what there is

trims = int(sys.argv.pop().split("=")[1])


class PageReader:
    """Reads the log in pages from one end to the other, again and again, on its own thread."""

    def __init__(self, address, backward, see):
        self.records = self.gaps = self.scans = 0
        self.failure = None
        self._client, self._backward, self._see = LogClient(address), backward, see
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def check(self):
        if self.failure is not None:
            raise AssertionError(f"a reader of pages failed: {self.failure!r}")
        return True

    def stop(self):
        self._stopping.set()
        self._thread.join(timeout=60)
        if self._thread.is_alive():
            raise AssertionError("a reader of pages does not end")
        self._client.close()
        self.check()

    def _run(self):
        try:
            while not self._stopping.is_set():
                self._scan()
                self.scans += 1
        except Exception as failure:  # kept for the test's own thread
            self.failure = failure

    def _scan(self):
        offset, end = (self._client.stats_once().head_offset if self._backward else 0), False
        while not end and not self._stopping.is_set():
            page = self._client.read_once(message("ReadRequest")(offset=offset, max_records=PAGE_RECORDS,
                                                                 backward=self._backward))
            reached = self._check_page(page, offset)
            if page.next_offset != reached:
                raise AssertionError(f"a page from {offset} comes to {reached} and says {page.next_offset}")
            offset, end = page.next_offset, page.end_of_log

    def _check_page(self, page, offset):
        """Records and gaps follow one on the other. Returns where they end."""
        gaps = {(gap.next_offset if self._backward else gap.start_offset): gap for gap in page.gaps}
        parts = [(record.offset + 1 if self._backward else record.offset, record) for record in page.records]
        for begin, record in parts:
            while offset in gaps:  # more than one when it is trimmed meanwhile
                offset = self._pass(gaps.pop(offset))
            if begin != offset:
                raise AssertionError(f"due is {offset}, not {record.offset}; gaps {page.gaps}")
            self._see(record)
            offset = record.offset if self._backward else record.offset + 1
        self.records += len(parts)
        while offset in gaps:
            offset = self._pass(gaps.pop(offset))
        if gaps:
            raise AssertionError(f"gaps that do not belong to the page: {gaps}")
        return offset

    def _pass(self, gap):
        if gap.reason != GAP_REASON_TRIMMED or gap.next_offset <= gap.start_offset:
            raise AssertionError(f"not a gap of what was trimmed: {gap}")
        self.gaps += 1
        return gap.start_offset if self._backward else gap.next_offset


class TrimsUnderReadersTest(ProcessTest):
    def subscribe(self, records_max):
        request = message("SubscribeRequest")(offset=0, max_batch_records=records_max)
        client = LogClient(self.log.grpc)
        self.clients.append(client)
        return LogReader(client.subscribe(request), self.see)

    def see(self, record):
        """Any reader's; the first says what stands at the offset."""
        what = (record.event.id, record.event.attributes["batch"], record.event.attributes["index"])
        if self.seen.setdefault(record.offset, what) != what:
            raise AssertionError(f"at {record.offset} one saw {self.seen[record.offset]}, another {what}")

    def test_they_see_records_or_trimmed_gaps(self):
        seed = int.from_bytes(os.urandom(4), "little")
        print(f"seed {seed}", flush=True)
        choose = random.Random(seed)
        self.log = EventLogService(self, ["--segment_bytes=65536"])
        self.clients, self.seen = [], {}
        client = LogClient(self.log.grpc)
        producer = BatchProducer(self.log.grpc, "batches", pause_s=0)
        following = self.subscribe(1000).start()
        pages = [PageReader(self.log.grpc, backward, self.see) for backward in (False, True)]
        late_gaps, late = 0, self.subscribe(1).start()

        start = 0
        for number in range(trims):
            self.assertIsNone(producer.failure)
            wait_until(lambda: client.stats_once().head_offset > start, "there is something to trim", interval_s=0.002)
            head = client.stats_once().head_offset
            to_the_head = choose.randrange(TO_THE_HEAD_EVERY) == 0
            start = head if to_the_head else start + choose.randint(1, max(1, (head - start) // PART))
            self.assertEqual(start, client.trim(start))
            for reader in (following, late, *pages):
                reader.check()
            if late.caught_up:  # one that comes anew is behind again
                late.stop()
                late_gaps += late.gaps
                late = self.subscribe(choose.randint(1, 100)).start()
        wait_until(lambda: all(reader.check() and reader.scans > 0 and reader.records > 0 for reader in pages),
                   "pages are read to their end")
        producer.stop()
        stats = client.stats_once()
        self.assertEqual(start, stats.start_offset)
        for reader in (following, late):
            wait_until(lambda: reader.check() and reader.due == stats.head_offset, "the reader has all")
            reader.stop()
        for reader in pages:
            reader.stop()
        late_gaps += late.gaps
        self.assertGreater(late_gaps + pages[0].gaps, 0, "no reader met a trim")
        print(f"{trims} trims of {stats.head_offset} records; the follower saw {following.received} of them and "
              f"{following.gaps} gaps, those who came later {late_gaps} gaps, pages (records, gaps) "
              f"{[(page.records, page.gaps) for page in pages]}", flush=True)
        for other in (client, *self.clients):
            other.close()
        self.assertEqual(0, self.log.stop())


if __name__ == "__main__":
    unittest.main()
