"""Both services together: the log first, then the gateway; stopped the other way round."""

import queue
import time
import urllib.request

from runfiles import find
from service import Service

START_PATIENCE_S = 60
STOP_PATIENCE_S = 20
POLL_S = 0.05

# What listens on this machine is not asked through a proxy, whatever the environment says.
_HTTP = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class StartFailed(Exception):
    """One line for people, and the exit code of the service that did not start."""

    def __init__(self, line, code):
        super().__init__(line)
        self.code = code


class Interrupted(Exception):
    """A signal asked to stop while the services were starting."""


class Stack:
    def __init__(self, options):
        self.events = queue.SimpleQueue()  # of ("ready" | "ended", Service) and ("signal", number)
        self.log = None
        self.gateway = None
        self._options = options

    def start(self):
        options = self._options
        insecure = ["--insecure"] if options.insecure else []
        self.log = Service("eventlog-svc", [
            find("eventlog-svc/eventlog-svc"), f"--listen={options.listen}", f"--http_listen={options.http_listen}",
            f"--data_dir={options.data_dir}", *insecure], self.events)
        self._wait_ready(self.log)
        self.gateway = Service("gateway-svc", [
            find("gateway-svc/gateway-svc"), f"--listen={options.gateway_listen}",
            f"--ops_listen={options.ops_listen}", f"--eventlog={self.log.addresses['grpc']}", *insecure],
            self.events)
        self._wait_ready(self.gateway)
        self._wait_serving(f"http://{self.gateway.addresses['ops']}/readyz")
        self.log.follow()
        self.gateway.follow()

    def stop(self):
        """The gateway first: its clients hear of it while the log still answers. A second signal ends the patience."""
        failed = []
        for service in (self.gateway, self.log):
            if service is None:
                continue
            was_running = service.code is None
            if service.stop(STOP_PATIENCE_S) != 0 and was_running:
                failed.append(service)
        return failed

    def kill(self):
        for service in (self.gateway, self.log):
            if service is not None:
                service.send(9)

    def _wait_serving(self, url):
        """Until the gateway has reached the log: before that it asks clients to come again."""
        deadline = time.monotonic() + START_PATIENCE_S
        while time.monotonic() < deadline:
            try:
                with _HTTP.open(url, timeout=START_PATIENCE_S):
                    return
            except OSError:
                pass  # 503 among others: not yet
            try:
                what, which = self.events.get(timeout=POLL_S)
            except queue.Empty:
                continue
            if what == "signal":
                raise Interrupted()
            if what == "ended":
                raise StartFailed(_why(which), which.code if which.code and which.code > 0 else 3)
        raise StartFailed(f"gateway-svc has not reached the log after {START_PATIENCE_S} s", 3)

    def _wait_ready(self, service):
        deadline = time.monotonic() + START_PATIENCE_S
        while True:
            try:
                what, which = self.events.get(timeout=max(0, deadline - time.monotonic()))
            except queue.Empty:
                raise StartFailed(f"{service.name} is not ready after {START_PATIENCE_S} s", 3) from None
            if what == "signal":
                raise Interrupted()
            if what == "ready" and which is service:
                return
            if what == "ended":
                raise StartFailed(_why(which), which.code if which.code and which.code > 0 else 3)


def _why(service):
    line = service.last_line() or f"it ended with {service.code} and said nothing"
    return line if line.startswith(service.name) else f"{service.name}: {line}"
