#!/usr/bin/python3
"""Starts the log and the gateway as two processes, follows their logs, and stops both on Ctrl-C or SIGTERM.

  bazel run //:up                            services on their usual ports, a data directory that is kept
  bazel run //:up -- --listen=127.0.0.1:0    any flag below
  bazel run //:up -- --demo                  events from a short shell loop, through the log, to a WebSocket client
  bazel run //:up -- --demo CMD ARGS...      the same with the lines that CMD prints

Exit codes: 0 stopped as asked (demo: what was printed, acknowledged and received agree), 1 a service failed while
running (demo: no agreement), 2 wrong flags, 3 could not start.
"""

import argparse
import os
import signal
import sys

sys.dont_write_bytecode = True  # these files lie in the source tree
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
import demo  # noqa: E402
from runfiles import for_people  # noqa: E402
from stack import Interrupted, Stack, StartFailed  # noqa: E402


def default_data_dir():
    state = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    return os.path.join(state, "eventlog")


def parse(arguments):
    parser = argparse.ArgumentParser(prog="bazel run //:up --", description=__doc__, allow_abbrev=False,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--listen", metavar="HOST:PORT", help="gRPC of the log (127.0.0.1:7431)")
    parser.add_argument("--http_listen", metavar="HOST:PORT", help="HTTP of the log (127.0.0.1:3001)")
    parser.add_argument("--gateway_listen", metavar="HOST:PORT", help="WebSocket (127.0.0.1:7432)")
    parser.add_argument("--ops_listen", metavar="HOST:PORT", help="operations of the gateway (127.0.0.1:7433)")
    parser.add_argument("--data_dir", metavar="DIR", help="where events are kept ($XDG_STATE_HOME/eventlog)")
    parser.add_argument("--insecure", action="store_true", help="allow other addresses than the loopback")
    parser.add_argument("--demo", nargs=argparse.REMAINDER, metavar="CMD", help="must be the last flag; uses free "
                        "ports and a directory of its own, so that it runs beside a running `up`")
    options = parser.parse_args(arguments)
    if options.demo and options.demo[0].startswith("--"):
        parser.error(f"{options.demo[0]}: flags go before --demo; what follows it is the command")
    ports = {"listen": 7431, "http_listen": 3001, "gateway_listen": 7432, "ops_listen": 7433}
    for flag, port in ports.items():
        if getattr(options, flag) is None:
            setattr(options, flag, f"127.0.0.1:{0 if options.demo is not None else port}")
    if options.data_dir is None and options.demo is None:
        options.data_dir = default_data_dir()
    elif options.data_dir is not None:
        options.data_dir = os.path.join(os.environ.get("BUILD_WORKING_DIRECTORY", os.getcwd()), options.data_dir)
    return options


def print_guide(stack, options):
    grpc, public = stack.log.addresses["grpc"], stack.gateway.addresses["public"]
    cli = for_people("producers/cli/eventlog")
    print(f"""\
EventLog is up.
  log      gRPC       {grpc}
           HTTP       http://{stack.log.addresses["http"]}/stats
           data       {options.data_dir}
  gateway  WebSocket  ws://{public}/api/events/firehose
           operations http://{stack.gateway.addresses["ops"]}/stats

Three things to try:
  watch        /usr/bin/python3 -m websockets 'ws://{public}/api/events/firehose?cursor=earliest'
  append       {cli} --server={grpc} append --type=note.written --data='{{"hello":"world"}}'
  with gRPC    grpcurl -plaintext -d '{{"events":[{{"type":"note.written","text":"{{\\"hello\\":\\"grpcurl\\"}}"}}]}}' \
{grpc} eventlog.v1.EventLog/Append

tests/grpcurl/install.sh builds grpcurl in some minutes, and says where it is.
Ctrl-C stops both.""", flush=True)


def follow(stack):
    """Until a signal asks to stop, or a service ends by itself. Returns the exit code."""
    while True:
        what, which = stack.events.get()
        if what == "signal":
            return 0
        if what == "ended":
            print(f"up: {which.name} ended with {which.code}; stopping", file=sys.stderr, flush=True)
            return 1


def run(options, main):
    stack = Stack(options)
    signals = 0

    def on_signal(number, frame):
        nonlocal signals
        signals += 1
        if signals > 1:
            stack.kill()
        stack.events.put(("signal", number))

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, on_signal)
    code = 1
    try:
        stack.start()
        code = main(stack, options)
    except StartFailed as failure:
        print(f"up: {failure}", file=sys.stderr, flush=True)
        code = failure.code
    except Interrupted:
        code = 0
    except FileNotFoundError as missing:
        print(f"up: {missing}", file=sys.stderr, flush=True)
        code = 3
    finally:
        for service in stack.stop():
            print(f"up: {service.name} ended with {service.code} when it was stopped", file=sys.stderr, flush=True)
            code = code or 1
    return code


def serve(stack, options):
    print_guide(stack, options)
    return follow(stack)


def main():
    options = parse(sys.argv[1:])
    if options.demo is not None:
        return demo.main(options, run)
    return run(options, serve)


if __name__ == "__main__":
    sys.exit(main())
