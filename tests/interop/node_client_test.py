#!/usr/bin/python3
"""The `ws` client of Node agrees with the gateway's codec."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from processes import ProcessTest, program  # noqa: E402


class NodeClientTest(ProcessTest):
    def test_everything_comes_back(self):
        echo = self.start("ws_echo", [program("tests/support/ws_echo")]).ready()["ws"]
        client = self.start("node", ["node", program("tests/interop/echo_client.js"), f"ws://{echo}/"],
                            env={"PATH": os.environ["PATH"], "NODE_PATH": "/usr/share/nodejs", "HOME": self.folder})
        self.assertEqual(0, client.wait(), client.err())
        self.assertEqual(b"ok\n", client.out())


if __name__ == "__main__":
    unittest.main()
