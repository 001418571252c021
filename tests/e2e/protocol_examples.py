"""The examples of PROTOCOL.md: what a block says, and whether what came is what it says."""

import json
import re

_EPOCH = re.compile(r"\bEPOCH\b")  # CURSOR_WRONG_EPOCH is a name
ANY = "*"
_STEPS = {"firehose": {"append": "json", "connect": "text", "<": "json", ">": "json", "closed": "close", "get": "text",
                       "status": "number", "trim": "number", "restart": None},
          "sse": {"append": "json", "get": "text", "id:": "text", "data:": "json", "end": None, "status": "number"}}


class ExampleError(AssertionError):
    """An example cannot be understood, or is not what happened."""


class Step:
    """One line: its number in the page, what is done or expected, and with what."""

    def __init__(self, line, kind, value):
        self.line, self.kind, self.value = line, kind, value

    def __repr__(self):
        return f"line {self.line}: {self.kind} {json.dumps(self.value)}"


class Block:
    """The steps between two fences. `name` is where the page has it, and what can be part of a test's name."""

    def __init__(self, language, line):
        self.language, self.line, self.steps = language, line, []
        self.name = f"{language}_line_{line}"


def read_blocks(page):
    """All blocks in the languages of examples, in order."""
    blocks, current, fence = [], None, None
    for number, line in enumerate(page.split("\n"), 1):
        opened = re.fullmatch(r"```(\S*)\s*", line)
        if opened and fence is None:
            fence = opened[1]
            if fence in _STEPS:
                current = Block(fence, number)
        elif opened:
            if current:
                if not current.steps:
                    raise ExampleError(f"line {number}: an example without steps")
                blocks.append(current)
            current, fence = None, None
        elif current:
            current.steps.append(_read_step(current.language, number, line))
    if fence is not None:
        raise ExampleError("the last fence is not closed")
    return blocks


def _read_step(language, number, line):
    word, _, rest = line.partition(" ")
    if word not in _STEPS[language]:
        raise ExampleError(f"line {number}: {word!r} is none of {', '.join(_STEPS[language])}")
    kind = _STEPS[language][word]
    try:
        value = {"json": json.loads, "number": int, "close": _read_close, "text": str, None: str}[kind](rest)
    except ValueError as error:
        raise ExampleError(f"line {number}: {error} in {rest!r}") from None
    if kind is None and rest:
        raise ExampleError(f"line {number}: {word} stands alone, not with {rest!r}")
    return Step(number, word, value)


def _read_close(text):
    code, _, end = text.partition(" ")
    return [int(code), end]


def with_epoch(value, epoch):
    """The value with the log's epoch in the place of the word EPOCH."""
    if isinstance(value, str):
        return _EPOCH.sub(epoch, value)
    if isinstance(value, list):
        return [with_epoch(item, epoch) for item in value]
    if isinstance(value, dict):
        return {key: with_epoch(item, epoch) for key, item in value.items()}
    return value


def difference(expected, found, where="the message"):
    """The first difference in words, or None. Members must be the same ones; "*" stands for any value."""
    if expected == ANY:
        return None
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in [*expected, *found]:
            if key not in found:
                return f"{where} has no member {key!r}"
            if key not in expected:
                return f"{where} has a member {key!r} that the example has not"
            inner = difference(expected[key], found[key], f"{where}.{key}")
            if inner:
                return inner
        return None
    if isinstance(expected, list) and isinstance(found, list):
        for place, pair in enumerate(zip(expected, found)):
            inner = difference(*pair, f"{where}[{place}]")
            if inner:
                return inner
        if len(expected) != len(found):
            return f"{where} has {len(found)} items, the example {len(expected)}"
        return None
    if type(expected) is type(found) and expected == found:
        return None
    return f"{where} is {json.dumps(found)}, the example has {json.dumps(expected)}"


def read_server_sent_events(text):
    """The events of a body: a list of lists of (field, value). Comments are left out."""
    found = []
    for block in text.split("\n\n"):
        lines = [line.partition(":") for line in block.split("\n") if line and not line.startswith(":")]
        if lines:
            found.append([(field, value[1:] if value.startswith(" ") else value) for field, _, value in lines])
    return found
