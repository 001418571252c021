"""What must be true of a log and of its readers, judged from what was sent and acknowledged outside of the services."""

import json


class Acknowledgements:
    """The offsets that a `lines --print_acks` process has written to its output, one for each line in order."""

    def __init__(self, child):
        self._path = child.out_path
        self._position = 0
        self._offsets = []

    def offsets(self):
        with open(self._path, "rb") as file:
            file.seek(self._position)
            complete = file.read().rpartition(b"\n")[0]
        if complete:
            self._position += len(complete) + 1
            for line in complete.split(b"\n"):
                acknowledgement = json.loads(line)
                due = len(self._offsets) + 1
                if acknowledgement["line"] != due:
                    raise AssertionError(f"line {due} should be acknowledged next, not {acknowledgement}")
                self._offsets.append(acknowledgement["offset"])
        return self._offsets


def log_entries(records):
    """Records as (offset, subject, payload), the form in which FirehoseClient keeps events."""
    return [(record.offset, record.event.subject, json.loads(record.event.text)) for record in records]


def check_dense(entries):
    """Offsets are exactly 0, 1, 2, ..."""
    for expected, entry in enumerate(entries):
        if entry[0] != expected:
            raise AssertionError(f"expected offset {expected}, found {entry}")


def check_each_once_in_order(entries, subject, payloads):
    """A producer's payloads are in the log once each, in the order in which it sent them."""
    found = [payload for _, of, payload in entries if of == subject]
    for place, (want, got) in enumerate(zip(payloads, found)):
        if want != got:
            raise AssertionError(f"{subject}: payload {place} should be {want} but is {got}")
    if len(found) != len(payloads):
        raise AssertionError(f"{subject}: {len(payloads)} payloads were sent, the log has {len(found)}")


def check_same(name, received, entries):
    """A reader has exactly the log: nothing lost, repeated or in another order."""
    for place, (got, want) in enumerate(zip(received, entries)):
        if got != want:
            raise AssertionError(f"{name}: event {place} should be {want} but is {got}")
    if len(received) != len(entries):
        raise AssertionError(f"{name}: {len(received)} events, the log has {len(entries)}")


def check_acknowledged(name, offsets, payload_of, by_offset):
    """Every acknowledged line is in the log at the offset that the acknowledgement names.

    Args:
      name: the producer, for the failure.
      offsets: of the acknowledged lines, in order.
      payload_of: from the number of a line to its payload.
      by_offset: from an offset to (subject, payload).
    """
    for number, offset in enumerate(offsets):
        found = by_offset.get(offset)
        if found != (name, payload_of(number)):
            raise AssertionError(f"{name}: line {number} was acknowledged at offset {offset}, there is {found}")


def check_batches(records, subject):
    """The batches of one BatchProducer are there whole, contiguous and once each. Returns how many there are."""
    numbers = []
    current = []
    for record in records:
        if record.event.subject != subject:
            if current:
                raise AssertionError(f"{subject}: offset {record.offset} lies inside of batch {current}")
            continue
        batch, index, size = (int(record.event.attributes[key]) for key in ("batch", "index", "size"))
        if index != len(current) or (current and current[0][0] != batch):
            raise AssertionError(f"{subject}: offset {record.offset} is event {index} of batch {batch}, behind "
                                 f"{current}")
        current.append((batch, index))
        if len(current) == size:
            numbers.append(batch)
            current = []
    if current:
        raise AssertionError(f"{subject}: the log ends inside of batch {current}")
    if numbers != list(range(len(numbers))):
        raise AssertionError(f"{subject}: the batches are not each once and in order: {numbers[-50:]}")
    return len(numbers)
