"""Whether what was printed, acknowledged and received is the same: same count, same payloads, same order."""

import base64
import itertools
import json
import re

DIFFERENCES_MAX = 20


def as_written(number):
    """A number of a JSON text that keeps its digits and is not taken for a string."""
    return {"number as written": number}


def payload_of_line(line):
    """What a line of bytes must look like at the other end: JSON by its value with numbers as written, else text, else
    bytes."""
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        return ("binary", line)
    try:
        return ("json", json.dumps(json.loads(text, parse_int=as_written, parse_float=as_written,
                                              parse_constant=_refuse)))
    except ValueError:
        return ("text", text)


def payload_of_event(event):
    """The same form of what the gateway sent."""
    if "data" in event:
        return ("json", json.dumps(event["data"]))
    if "data_base64" in event:
        return ("binary", base64.b64decode(event["data_base64"]))
    return payload_of_line(event.get("data_text", "").encode("utf-8"))


def differences(printed, acknowledged, received):
    """One line for each place where the three do not agree.

    Args:
      printed: lines of bytes.
      acknowledged: offsets, one for each acknowledged line in order.
      received: events as the gateway sent them.
    """
    found = []
    places = itertools.zip_longest(printed, acknowledged, received)
    for number, (line, offset, event) in enumerate(places, 1):
        if line is None:
            found.append(f"{number}: nothing was printed, but {_name(offset, event)}")
        elif offset is None:
            found.append(f"{number}: printed {_show(line)}, never acknowledged" + (
                f", yet received {_show_event(event)}" if event is not None else ""))
        elif event is None:
            found.append(f"{number}: printed {_show(line)}, acknowledged at offset {offset}, never received")
        elif event["offset"] != as_written(str(offset)):
            found.append(f"{number}: printed {_show(line)}, acknowledged at offset {offset}, "
                         f"received at offset {event['offset']['number as written']}: {_show_event(event)}")
        elif payload_of_line(line) != payload_of_event(event):
            found.append(f"{number}: printed {_show(line)}, received {_show_event(event)} at offset {offset}")
    if len(found) > DIFFERENCES_MAX:
        found[DIFFERENCES_MAX:] = [f"and {len(found) - DIFFERENCES_MAX} more"]
    return found


def _refuse(constant):
    raise ValueError(constant)


def _name(offset, event):
    words = [f"offset {offset} was acknowledged"] if offset is not None else []
    return " and ".join(words + ([f"{_show_event(event)} was received"] if event is not None else []))


def _show(line):
    return repr(line[:80].decode("utf-8", "replace"))


def _show_event(event):
    plain = re.sub(r'\{"number as written": "([^"]*)"\}', r"\1", str(payload_of_event(event)[1]))
    return repr(plain[:80])
