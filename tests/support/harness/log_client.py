"""The log's gRPC surface from Python: the tests' own producer and reader, independent of the client library in C++."""

import os

import grpc
from google.protobuf import descriptor_pb2, message_factory

from waiting import PATIENCE_S, wait_until

_DESCRIPTORS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "event_log_descriptors.pb")


def _load():
    if not os.path.exists(_DESCRIPTORS):
        raise FileNotFoundError(_DESCRIPTORS)
    files = descriptor_pb2.FileDescriptorSet()
    with open(_DESCRIPTORS, "rb") as file:
        files.ParseFromString(file.read())
    return message_factory.GetMessages(files.file)


_MESSAGES = _load()


def message(name):
    """The class of a message of package eventlog.v1."""
    return _MESSAGES["eventlog.v1." + name]


def text_event(event_type, text, subject="", attributes=None):
    return message("Event")(type=event_type, text=text, subject=subject, attributes=attributes or {})


def error_infos_of(error):
    """The ErrorInfo messages that a refused call carries."""
    details = dict(error.trailing_metadata() or ()).get("grpc-status-details-bin", b"")
    status = _MESSAGES["google.rpc.Status"].FromString(details)
    return [_MESSAGES["google.rpc.ErrorInfo"].FromString(detail.value) for detail in status.details
            if detail.type_url.endswith("/google.rpc.ErrorInfo")]


def reasons_of(error):
    """Their reasons."""
    return [info.reason for info in error_infos_of(error)]


class LogClient:
    def __init__(self, address):
        self._channel = grpc.insecure_channel(address, options=[
            ("grpc.max_receive_message_length", -1), ("grpc.initial_reconnect_backoff_ms", 50),
            ("grpc.max_reconnect_backoff_ms", 200), ("grpc.use_local_subchannel_pool", 1)])
        self._append = self._call("Append", "AppendRequest", "AppendResponse")
        self._read = self._call("Read", "ReadRequest", "ReadResponse")
        self._stats = self._call("GetLogStats", "GetLogStatsRequest", "LogStats")
        self._trim = self._call("TrimLog", "TrimLogRequest", "TrimLogResponse", "LogAdmin")
        self._update = self._call("UpdateLog", "UpdateLogRequest", "Log", "LogAdmin")
        self._subscribe = self._channel.unary_stream("/eventlog.v1.EventLog/Subscribe",
                                                     request_serializer=message("SubscribeRequest").SerializeToString,
                                                     response_deserializer=message("SubscribeResponse").FromString)

    def _call(self, method, request, response, service="EventLog"):
        return self._channel.unary_unary(f"/eventlog.v1.{service}/{method}",
                                         request_serializer=message(request).SerializeToString,
                                         response_deserializer=message(response).FromString)

    def close(self):
        self._channel.close()

    def serving(self):
        """Whether grpc.health.v1 says so of the log."""
        service = b"eventlog.v1.EventLog"
        check = self._channel.unary_unary("/grpc.health.v1.Health/Check")
        # HealthCheckRequest.service = 1; HealthCheckResponse.status = 1, where 1 is SERVING and 2 NOT_SERVING.
        return {b"\x08\x01": True, b"\x08\x02": False}[check(bytes([0x0A, len(service)]) + service, timeout=PATIENCE_S)]

    def append(self, events, producer=None, timeout_s=20):
        """Once. `producer` is (id, epoch, first_sequence)."""
        request = message("AppendRequest")(events=events)
        if producer is not None:
            request.producer.id, request.producer.epoch, request.producer.first_sequence = producer
        return self._append(request, timeout=timeout_s)

    def append_once(self, request, timeout_s=20):
        """Any AppendRequest, once; waits for a service that is away."""
        return self._append(request, timeout=timeout_s, wait_for_ready=True)

    def read_once(self, request, timeout_s=20):
        return self._read(request, timeout=timeout_s, wait_for_ready=True)

    def stats_once(self, timeout_s=20):
        return self._stats(message("GetLogStatsRequest")(), timeout=timeout_s, wait_for_ready=True)

    def trim(self, offset, timeout_s=20):
        """Returns the start offset."""
        return self._trim(message("TrimLogRequest")(next_offset=offset), timeout=timeout_s).start_offset

    def keep_bytes(self, bytes_max, timeout_s=20):
        """Sets the retention of "events"."""
        request = message("UpdateLogRequest")()
        request.log.log = "events"
        request.log.retention.max_bytes = bytes_max
        request.update_mask.paths.append("retention")
        self._update(request, timeout=timeout_s)

    def subscribe(self, request):
        """The call; iterating over it reads."""
        return self._subscribe(request)

    def append_until_acknowledged(self, events, producer, patience_s=PATIENCE_S):
        """Repeats while the service is away or the outcome is open, which the producer's sequence makes safe."""

        return _patiently(lambda: self.append(events, producer, timeout_s=5), "the append is acknowledged", patience_s)

    def read_from(self, offset=0):
        """All records from an offset to the head."""
        records = []
        while True:
            request = message("ReadRequest")(offset=offset, max_records=10000, max_bytes=4 << 20)
            page = _patiently(lambda: self._read(request, timeout=30), "a page is read")
            if page.gaps:
                raise AssertionError(f"the log has gaps: {page.gaps}")
            records += page.records
            offset = page.next_offset
            if page.end_of_log:
                return records


def _patiently(call, what, patience_s=PATIENCE_S):
    """Repeats a call while the service is away or the outcome is open."""

    def attempt():
        try:
            return (call(),)
        except grpc.RpcError as error:
            if error.code() not in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED,
                                    grpc.StatusCode.CANCELLED):
                raise
            return None

    return wait_until(attempt, what, patience_s)[0]
