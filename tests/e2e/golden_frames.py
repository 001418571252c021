"""Frames as a firehose client gets them, held against golden files, byte for byte but for what differs each time.

`bazel run TARGET -- --update` writes the golden files anew.
"""

import os
import re
import sys

from firehose import FirehoseClient
from waiting import wait_until

_VOLATILE = (
    (re.compile(r'"offset":\d+'), '"offset":0'),
    (re.compile(r'"id":"[0-9a-f]{8}-[0-9a-f-]{27}"'), '"id":"ID"'),
    (re.compile(r'"time":"[0-9:.TZ-]+"'), '"time":"TIME"'),
    (re.compile(r'"cursor":"[^"]*"'), '"cursor":"CURSOR"'),
)
UPDATES = "--update" in sys.argv


def normalized(frame):
    """With the first of each volatile field made constant: those in the event's data stand behind it."""
    for pattern, constant in _VOLATILE:
        frame = pattern.sub(constant, frame, count=1)
    return frame


class FrameClient(FirehoseClient):
    """Keeps the text of each message of events; asks for one event in each."""

    def __init__(self, url, **parameters):
        self.frames = []
        super().__init__(url, reconnect=False, cursor="earliest", batch_max=1, **parameters)
        self.wait_hello()

    def wait_frames(self, count):
        wait_until(lambda: len(self.frames) >= count or self.failure, lambda: f"{count} frames, only {self.frames}")
        return list(self.frames)

    def _take(self, text):
        super()._take(text)
        if text.startswith('{"type":"events"'):
            self.frames.append(text)


def expect_golden(test, folder, name, frame):
    """`folder` is the path from the workspace root."""
    path = os.path.join(os.environ.get("BUILD_WORKSPACE_DIRECTORY", ""), folder, name + ".frame.json")
    if UPDATES:
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(normalized(frame))
        return
    with open(os.path.join(os.environ["TEST_SRCDIR"], "eventlog", folder, name + ".frame.json"), encoding="utf-8",
              newline="") as file:
        test.assertEqual(file.read(), normalized(frame), name)
