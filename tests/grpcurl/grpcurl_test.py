#!/usr/bin/python3
"""grpcurl, without a .proto file: list, describe, append, subscribe; what is refused says why and stores nothing.

Run by run.sh, which names the programs in GRPCURL and EVENTLOG_SVC.
"""

import json
import os
import subprocess
import sys
import unittest
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support/harness"))
from processes import ProcessTest  # noqa: E402

SERVICE = "eventlog.v1.EventLog"


class GrpcurlTest(ProcessTest):
    def setUp(self):
        super().setUp()
        child = self.start("eventlog-svc", [
            os.environ["EVENTLOG_SVC"], "--listen=127.0.0.1:0", "--http_listen=127.0.0.1:0",
            "--data_dir=" + os.path.join(self.folder, "data")])
        self.addresses = child.ready()

    def grpcurl(self, *arguments, data=None):
        options = ["-plaintext", "-max-time", "30"] + (["-d", json.dumps(data)] if data is not None else [])
        return subprocess.run([os.environ["GRPCURL"], *options, self.addresses["grpc"], *arguments],
                              capture_output=True, text=True, timeout=60)

    def call(self, method, data):
        """The messages of the answer."""
        result = self.grpcurl(f"{SERVICE}/{method}", data=data)
        self.assertEqual(0, result.returncode, result.stderr)
        decoder, text, found = json.JSONDecoder(), result.stdout.strip(), []
        while text:
            value, end = decoder.raw_decode(text)
            found.append(value)
            text = text[end:].lstrip()
        return found

    def messages(self):
        with urllib.request.urlopen(f"http://{self.addresses['http']}/stats", timeout=20) as response:
            return json.load(response)["messages"]

    def append_three(self):
        replies = []
        for number in range(3):
            replies += self.call("Append", {"events": [{"type": "note.written", "text": json.dumps({"n": number})}]})
        return replies

    def test_lists_and_describes_itself(self):
        listed = self.grpcurl("list")
        self.assertEqual(0, listed.returncode, listed.stderr)
        for name in (SERVICE, "grpc.health.v1.Health", "grpc.channelz.v1.Channelz"):
            self.assertIn(name, listed.stdout.split())
        described = self.grpcurl("describe", SERVICE)
        for method in ("Append", "AppendStream", "Subscribe", "Read", "GetLogStats"):
            self.assertIn(f"rpc {method} (", described.stdout)
        event = self.grpcurl("describe", "eventlog.v1.Event")
        for field in ("id", "source", "type", "subject", "time", "data_content_type", "attributes", "text", "binary"):
            self.assertRegex(event.stdout, rf" {field} = \d+;")

    def test_appended_events_are_seen_from_earliest(self):
        self.assertEqual(["1", "2", "3"], [reply["next_offset"] for reply in self.append_three()])
        messages = self.call("Subscribe", {"earliest": {}, "until_caught_up": {}})
        self.assertIn("started", messages[0])
        records = [record for message in messages for record in message.get("batch", {}).get("records", [])]
        self.assertEqual([0, 1, 2], [int(record.get("offset", 0)) for record in records])
        self.assertEqual([{"n": 0}, {"n": 1}, {"n": 2}], [json.loads(record["event"]["text"]) for record in records])
        self.assertEqual(3, self.messages())

    def test_malformed_appends_store_nothing(self):
        self.append_three()
        note = {"type": "note.written"}
        for data, code, reason in [
                ({}, "InvalidArgument", "EMPTY_APPEND"),
                ({"events": [{"text": "no type"}]}, "InvalidArgument", "EVENT_INVALID"),
                ({"events": [note, {"type": "x" * 256}]}, "InvalidArgument", "EVENT_INVALID"),
                ({"log": "nowhere", "events": [note]}, "NotFound", "LOG_NOT_FOUND"),
                ({"events": [note], "expected_next_offset": 7}, "Aborted", "OFFSET_MISMATCH"),
                ({"events": [note], "durability": "DURABILITY_REPLICATED"}, "FailedPrecondition",
                 "DURABILITY_UNSUPPORTED")]:
            with self.subTest(reason=reason):
                refused = self.grpcurl(f"{SERVICE}/Append", data=data)
                self.assertNotEqual(0, refused.returncode, refused.stdout)
                self.assertIn(f"Code: {code}", refused.stderr)
                self.assertIn(reason, refused.stderr)
                self.assertEqual(3, self.messages())


if __name__ == "__main__":
    unittest.main()
