#!/usr/bin/python3
"""Independent WebSocket clients against the whole gateway: each gets exactly the log, whatever way it takes.

A client is a program (clients/, or a page) that is given a JSON object: it opens `url`, offering compression where
`deflate` is true, says each message of `say` (a list of fragments), reads until it has had `events` events and
`answers` answers, waiting `pause_ms` behind each message, and closes with 1000. It tells {"opened": extensions,
"protocol": ...}, {"message": text} for each, and {"closed": code, "reason": ...}.

The clients in Go are there where GO_CLIENT names them: clients/go/install.sh builds them.
"""

import base64
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from batch_producer import BatchProducer  # noqa: E402
from browser import Browser  # noqa: E402
from log_client import LogClient, message  # noqa: E402
from processes import ProcessTest, program  # noqa: E402
from services import EventLogService, GatewayService  # noqa: E402
from waiting import wait_until  # noqa: E402

MIB = 1 << 20
EVENTS_BETWEEN = 300  # of one connection, when a client resumes
SLOW_BYTES = 24 * MIB  # more than sockets and the gateway's send window take

# Everything that an event can be, in JSON, other text, binary, or without data.
VARIED = [
    {"type": "a.json", "text": '{"n": 1.50, "deep": [[{"ü": null}]], "s": "\\u0000\\n\\"🌍"}', "id": "x"},
    {"type": "a.number", "text": "12345678901234567890123"},
    {"type": "a.spaced", "text": ' {\n"a":\r\n 1 }\n'},
    {"type": "b.text", "text": "line one\nline two\t\"quoted\" \\ \x7f", "data_content_type": "text/plain"},
    {"type": "b.broken", "text": '{"a":'},
    {"type": "b.empty", "text": ""},
    {"type": "b.unicode", "text": "Grüße κόσμε 世界 🌍\u2028", "subject": "ü/κ 世", "source": "/quelle/ü?x=1&y=2"},
    {"type": "c.binary", "binary": bytes(range(256)), "data_content_type": "application/octet-stream"},
    {"type": "c.nothing"},
    {"type": "d.attributes", "attributes": {"lang": "de", "z": "", "a.b-c_d": "ü\"\\"}, "text": "[]"},
]


def events_of(values):
    return [message("Event")(**value) for value in values]


def _refuse(constant):
    raise ValueError(constant)


def _read(text):
    """JSON with its numbers as they were written, and no others than JSON's own."""
    return json.loads(text, parse_int=lambda n: {"number": n}, parse_float=lambda n: {"number": n},
                      parse_constant=_refuse)


def event_of(record):
    """What PROTOCOL.md says that a client gets of a record, without the time."""
    event = record.event
    found = {"offset": {"number": str(record.offset)}, "id": event.id, "type": event.type,
             "source": event.source or "/"}
    found.update({name: getattr(event, name) for name in ("subject", "data_content_type") if getattr(event, name)})
    if event.attributes:
        found["attributes"] = dict(event.attributes)
    kind = event.WhichOneof("data")
    if kind == "binary":
        found["data_base64"] = base64.b64encode(event.binary).decode()
    elif kind == "text":
        try:
            if event.data_content_type not in ("", "application/json"):
                raise ValueError
            found["data"] = _read(event.text)
        except ValueError:
            found["data_text"] = event.text
    return found


class Run:
    """What a client told: the extension, the messages, the close."""

    def __init__(self, lines):
        first, *between, last = lines
        self.extensions, self.protocol = first["opened"] or "", first["protocol"]
        self.texts = [line["message"] for line in between]
        self.messages = [json.loads(text) for text in self.texts]
        self.closed = last["closed"]
        self.events = [event for text in self.texts if text.startswith('{"type":"events"')
                       for event in _read(text)["events"]]

    @property
    def cursor(self):
        """The last one that a message named."""
        return next(m["cursor"] for m in reversed(self.messages) if "cursor" in m)


class Matrix:
    """The cases; a subclass is a client and says what it can do."""

    can_refuse_compression = True
    can_fragment = True

    def setUp(self):
        super().setUp()
        self.log = EventLogService(self)
        self.gateway = GatewayService(self, self.log)
        self.client = LogClient(self.log.grpc)
        self.prepare()

    def prepare(self):
        pass

    def append(self, values):
        """Returns the head when the gateway has it too."""
        head = self.client.append(events_of(values), timeout_s=60).next_offset
        wait_until(lambda: self.gateway.stats()["log"]["head"] == head, "the gateway has the events")
        return head

    def follow(self, query="?cursor=earliest", deflate=False, say=(), events=0, answers=0, pause_ms=0):
        run = Run(self.tell({"url": self.gateway.url + query, "deflate": deflate, "say": list(say), "events": events,
                             "answers": answers, "pause_ms": pause_ms}))
        self.assertEqual(1000, run.closed, run.texts[-3:])
        self.assertEqual("eventlog.v1.json", run.protocol)
        self.assertEqual("hello", run.messages[0]["type"])
        self.assertEqual(deflate or not self.can_refuse_compression, "permessage-deflate" in run.extensions)
        return run

    def assert_is_log(self, events):
        records = self.client.read_from(0)
        self.assertEqual(len(records), len(events))
        for record, event in zip(records, events):
            self.assertRegex(event.pop("time"), r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3}(\d{6})?)?Z$")
            self.assertEqual(event_of(record), event)

    def kinds_of_opening(self):
        """Whether compression is offered."""
        return (False, True) if self.can_refuse_compression else (True,)

    def test_every_kind_of_event(self):
        head = self.append(VARIED)
        for deflate in self.kinds_of_opening():
            with self.subTest(deflate=deflate):
                self.assert_is_log(self.follow(deflate=deflate, events=head).events)

    def test_large_events(self):
        quotes = {"type": "large", "text": '"' * (MIB - 1000), "data_content_type": "text/plain", "id": "q"}
        head = self.append([{"type": "large", "text": json.dumps({"x": "y" * (MIB - 1000)})},
                            {"type": "large", "binary": os.urandom(MIB * 3 // 4 - 1000)}, {"type": "small"}])
        head = self.append([quotes, {"type": "small", "text": "1"}])
        for deflate in self.kinds_of_opening():
            with self.subTest(deflate=deflate):
                *events, stub, small = self.follow(deflate=deflate, events=head).events
                # Each quote is escaped: the JSON is twice as long.
                size = int(stub.pop("oversize_bytes")["number"])
                self.assertTrue(2 * (MIB - 1000) < size < 2 * MIB, size)
                self.assertEqual({"offset": {"number": "3"}, "id": "q", "type": "large", "source": "/",
                                  "data_content_type": "text/plain"}, {k: v for k, v in stub.items() if k != "time"})
                records = self.client.read_from(0)
                self.assertEqual([event_of(records[n]) for n in (0, 1, 2, 4)],
                                 [{k: v for k, v in e.items() if k != "time"} for e in [*events, small]])

    def test_resuming_under_load(self):
        for deflate in self.kinds_of_opening():
            with self.subTest(deflate=deflate):
                producer = BatchProducer(self.log.grpc, f"load {deflate}")
                events, cursor = [], "earliest"
                for _ in range(5):
                    run = self.follow(f"?cursor={cursor}", deflate=deflate, events=EVENTS_BETWEEN)
                    events += run.events
                    cursor = run.cursor
                producer.stop()
                head = self.client.stats_once().head_offset
                if len(events) < head:
                    events += self.follow(f"?cursor={cursor}", deflate=deflate, events=head - len(events)).events
                self.assert_is_log(events)

    def test_messages_of_the_client_in_one_piece_and_in_fragments(self):
        self.append(VARIED)
        options = {"type": "options", "id": "o", "filter": {"subjects": ["ü/κ 世"]}}
        texts = [json.dumps(each, ensure_ascii=False) for each in
                 ({"type": "ping", "id": "grüße"}, options, {"type": "fetch", "id": "f", "before": "END", "limit": 3})]
        for deflate in self.kinds_of_opening():
            for pieces in (1, 2, 7) if self.can_fragment else (1,):
                with self.subTest(deflate=deflate, pieces=pieces):
                    epoch = self.gateway.stats()["log"]["epoch"]
                    say = [_in_pieces(text.replace("END", f"{epoch}:{len(VARIED)}"), pieces) for text in texts]
                    run = self.follow("?cursor=latest", deflate=deflate, say=say, answers=3)
                    answers = [m for m in run.messages if m["type"] in ("ack", "page", "error")]
                    self.assertEqual([("ack", "grüße"), ("ack", "o"), ("page", "f")],
                                     [(m["type"], m["id"]) for m in answers])
                    self.assertEqual(["ü/κ 世"], [event["subject"] for event in answers[2]["events"]])

    def test_slow_reading(self):
        for deflate in self.kinds_of_opening():
            with self.subTest(deflate=deflate):
                data = base64.b64encode(os.urandom(48 << 10)).decode()  # that cannot be made much smaller
                for _ in range(SLOW_BYTES // (2 * MIB)):
                    head = self.append([{"type": "much", "text": json.dumps({"x": data[n:] + data[:n]})}
                                        for n in range(32)])
                self.assert_is_log(self.follow(deflate=deflate, events=head, pause_ms=10).events)


def _in_pieces(text, count):
    """As so many fragments of about the same length, at whole characters."""
    size = -(-len(text) // count)
    return [text[at:at + size] for at in range(0, len(text), size)]


class ProgramMatrix(Matrix):
    def command(self):
        raise NotImplementedError

    def tell(self, spec):
        child = self.start("client", [*self.command(), json.dumps(spec)],
                           env={"PATH": os.environ["PATH"], "NODE_PATH": "/usr/share/nodejs", "HOME": self.folder})
        self.assertEqual(0, child.wait(), child.err())
        return [json.loads(line) for line in child.out().split(b"\n") if line]


class PythonTest(ProgramMatrix, ProcessTest):
    def command(self):
        return ["/usr/bin/python3", program("tests/interop/clients/client.py")]


class NodeTest(ProgramMatrix, ProcessTest):
    def command(self):
        return ["node", program("tests/interop/clients/client.js")]


class ChromiumTest(Matrix, ProcessTest):
    can_refuse_compression = False
    can_fragment = False
    test_slow_reading = None

    def prepare(self):
        self.browser = Browser(self, {"/client.mjs": program("tests/interop/clients/client_page.mjs")})

    def tell(self, spec):
        return self.browser.run("return (await import('/client.mjs')).run(values.spec);", spec=spec)


if "GO_CLIENT" in os.environ:
    class GorillaTest(ProgramMatrix, ProcessTest):
        def command(self):
            return [os.environ["GO_CLIENT"], "gorilla"]

    class CoderTest(ProgramMatrix, ProcessTest):
        def command(self):
            return [os.environ["GO_CLIENT"], "coder"]


if __name__ == "__main__":
    unittest.main()
