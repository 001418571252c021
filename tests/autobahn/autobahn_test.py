#!/usr/bin/python3
"""Every Autobahn case, RFC 6455 and permessage-deflate, against the echo server on the gateway's codec.

Run by run.sh, with the Python that has kosoku; WS_ECHO names the server.
"""

import asyncio
import collections
import os
import sys
import unittest

import kosoku
import kosoku.cases

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support/harness"))
from processes import ProcessTest  # noqa: E402

CASES = 517  # of the pinned version
AT_ONCE = 4
PATIENCE_S = 1800
# NON-STRICT is right, but late; INFORMATIONAL cases ask what a server does where the RFC leaves a choice.
GOOD = ("OK", "NON-STRICT", "INFORMATIONAL")
GOOD_CLOSES = ("OK", "INFORMATIONAL")


async def run(url):
    try:
        return await asyncio.wait_for(kosoku.run_fuzzingclient(url, concurrency=AT_ONCE), PATIENCE_S)
    except kosoku.FailureError as failure:
        return failure.results


class AutobahnTest(ProcessTest):
    def test_no_case_fails(self):
        server = self.start("ws_echo", [os.environ["WS_ECHO"], "--listen=127.0.0.1:0"])
        results = asyncio.run(run(f"ws://{server.ready()['ws']}/"))
        bad = []
        for result in results:
            verdict, close = result.behavior.value, result.behavior_close.value
            if verdict not in GOOD or close not in GOOD_CLOSES:
                bad.append(f"{result.case_id}: {verdict} ({result.result}), close {close} ({result.result_close})")
        for what, verdicts in (("behaviour", [result.behavior.value for result in results]),
                               ("close", [result.behavior_close.value for result in results])):
            counts = collections.Counter(verdicts)
            print(f"autobahn: {len(results)} cases, {what}:",
                  ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items())), flush=True)
        self.assertEqual([], bad)
        self.assertEqual(sorted(kosoku.cases.CASES), sorted(result.case_id for result in results))
        self.assertEqual(CASES, len(results))
        self.assertIsNone(server.process.poll(), server.err())


if __name__ == "__main__":
    unittest.main()
