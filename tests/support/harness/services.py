"""eventlog-svc and gateway-svc as a test runs them."""

import json
import os
import urllib.error
import urllib.request

from processes import LOOPBACK, fixed_address, program
from waiting import wait_until


class EventLogService:
    """Comes back on the same ports and the same data after kill() and start(). `prefix` is put in front of its command,
    as where it runs on `host`, an address that is not this process's own."""

    def __init__(self, test, flags=(), data_dir=None, name="eventlog-svc", env=None, prefix=(), host=LOOPBACK):
        self.grpc, self.http = fixed_address(host), fixed_address(host)
        self.data_dir = data_dir or os.path.join(test.folder, "data")
        self._test, self._flags, self._name, self._env = test, list(flags), name, env
        if host != LOOPBACK:
            self._flags.append("--insecure")
        self._prefix = list(prefix)
        self.child = None
        self.start()

    def start(self):
        self.child = self._test.start(self._name, [
            *self._prefix, program("eventlog-svc/eventlog-svc"), f"--listen={self.grpc}", f"--http_listen={self.http}",
            f"--data_dir={self.data_dir}", *self._flags], env=self._env)
        self.child.ready()

    def kill(self):
        self.child.kill()

    def stop(self):
        return self.child.stop()

    def stats(self):
        return get_json(f"http://{self.http}/stats")


class GatewayService:
    """Comes back on the same ports after kill() and start(). `prefix` is put in front of its command; `host` is where
    the public port is."""

    def __init__(self, test, eventlog, flags=(), name="gateway-svc", prefix=(), host=LOOPBACK):
        self.public, self.ops = fixed_address(host), fixed_address()
        self._test, self._eventlog, self._flags, self._name = test, eventlog, list(flags), name
        if host != LOOPBACK:
            self._flags.append("--insecure")
        self._prefix = list(prefix)
        self.child = None
        self.start()

    @property
    def url(self):
        return f"ws://{self.public}/api/events/firehose"

    def start(self, until_serving=True):
        self.child = self._test.start(self._name, [
            *self._prefix, program("gateway-svc/gateway-svc"), f"--listen={self.public}", f"--ops_listen={self.ops}",
            f"--eventlog={self._eventlog.grpc}", *self._flags])
        self.child.ready()
        if until_serving:
            wait_until(self.is_serving, "the gateway has reached the log")

    def is_serving(self):
        try:
            with urllib.request.urlopen(f"http://{self.ops}/readyz", timeout=20) as response:
                return response.status == 200
        except urllib.error.URLError:
            return False

    def kill(self):
        self.child.kill()

    def stop(self):
        return self.child.stop()

    def stats(self):
        return get_json(f"http://{self.ops}/stats")


def get_json(url):
    with urllib.request.urlopen(url, timeout=20) as response:
        return json.load(response)
