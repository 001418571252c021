"""A proxy before a log service that knows who called what."""

import concurrent.futures

import grpc


class Doorman(grpc.GenericRpcHandler):
    """Stands before a service, hands every call on, and remembers who called what."""

    def __init__(self, test, service):
        self.calls = []
        self._channel = grpc.insecure_channel(service)
        self._server = grpc.server(concurrent.futures.ThreadPoolExecutor(16), handlers=[self])
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()
        test.addCleanup(self.close)

    def service(self, handler_call_details):
        method = handler_call_details.method
        tokens = [value for key, value in handler_call_details.invocation_metadata if key == "authorization"]
        self.calls.append((method.rsplit("/", 1)[1], tokens))
        return grpc.stream_stream_rpc_method_handler(
            lambda requests, context: self._hand_on(method, requests, context))

    def _hand_on(self, method, requests, context):
        call = self._channel.stream_stream(method)(requests)
        context.add_callback(call.cancel)
        try:
            yield from call
        except grpc.RpcError as error:
            context.abort(error.code(), error.details())

    def close(self):
        self._server.stop(0).wait()
        self._channel.close()
