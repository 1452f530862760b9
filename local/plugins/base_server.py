# ruff: noqa: N802, ARG002 - the protocol names the methods and gives each of them a context
"""The gRPC side of a plugin: the engine's protocol in, calls on a `Provider` out."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from concurrent import futures
from typing import Any, Final, Literal, NoReturn, TypeVar

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import (
    plugin_pb2,
    provider_pb2,
    provider_pb2_grpc,
)

from local.plugins.base_engine import CHANNEL_OPTIONS, EngineLog
from local.plugins.base_provider import (
    Autonaming,
    Context,
    PartialFailure,
    PluginError,
    Provider,
    urn_parts,
)
from local.plugins.base_responses import abort_partial, check_response, diff_response, failure_messages
from local.plugins.base_values import decode, encode

_WORKERS: Final = 64  # a call that waits for a resource holds its thread, and all may wait at once
_PARENT_CHECK: Final = 2.0  # seconds

_AUTONAMING_MODES: Final[Mapping[int, Literal["propose", "enforce", "disable"]]] = {
    provider_pb2.CheckRequest.AutonamingOptions.PROPOSE: "propose",
    provider_pb2.CheckRequest.AutonamingOptions.ENFORCE: "enforce",
    provider_pb2.CheckRequest.AutonamingOptions.DISABLE: "disable",
}
_T = TypeVar("_T")


class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """Answers the engine's calls with those of one provider."""

    def __init__(self, provider: Provider, engine: str) -> None:
        self._provider = provider
        self._log = EngineLog(engine)
        self.cancelled = threading.Event()

    def Handshake(self, request: provider_pb2.ProviderHandshakeRequest, context: grpc.ServicerContext) -> Any:
        self._log = EngineLog(request.engine_address)
        return provider_pb2.ProviderHandshakeResponse(
            accept_secrets=True,
            accept_resources=False,
            accept_outputs=False,
            supports_autonaming_configuration=self._provider.supports_autonaming,
        )

    def Attach(self, request: plugin_pb2.PluginAttach, context: grpc.ServicerContext) -> Any:
        self._log = EngineLog(request.address)
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: Any, context: grpc.ServicerContext) -> Any:
        return plugin_pb2.PluginInfo(version=self._provider.version)

    def Cancel(self, request: Any, context: grpc.ServicerContext) -> Any:
        self.cancelled.set()
        self._guard(context, self._provider.cancel)
        return empty_pb2.Empty()

    def GetSchema(self, request: Any, context: grpc.ServicerContext) -> Any:
        # Nothing generates code from a stand-in; the engine only wants to know whose schema it is.
        schema = json.dumps({"name": self._provider.name, "version": self._provider.version})
        return provider_pb2.GetSchemaResponse(schema=schema)

    def CheckConfig(self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext) -> Any:
        def call() -> provider_pb2.CheckResponse:
            return check_response(*self._provider.check_config(decode(request.olds), decode(request.news)))

        return self._guard(context, call)

    def DiffConfig(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> Any:
        def call() -> provider_pb2.DiffResponse:
            return diff_response(self._provider.diff_config(decode(request.old_inputs), decode(request.news)))

        return self._guard(context, call)

    def Configure(self, request: provider_pb2.ConfigureRequest, context: grpc.ServicerContext) -> Any:
        self._guard(context, lambda: self._provider.configure(decode(request.args)))
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True,
            acceptResources=False,
            acceptOutputs=False,
            supportsPreview=True,
            supports_autonaming_configuration=self._provider.supports_autonaming,
        )

    def Check(self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext) -> Any:
        def call() -> provider_pb2.CheckResponse:
            autonaming = None
            if request.HasField("autonaming"):
                given = request.autonaming
                autonaming = Autonaming(mode=_AUTONAMING_MODES[given.mode], name=given.proposed_name)
            olds, news = decode(request.olds), decode(request.news)
            ctx = self._context(request.urn)
            return check_response(*self._provider.check(ctx, olds, news, request.randomSeed, autonaming))

        return self._guard(context, call)

    def Diff(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> Any:
        def call() -> provider_pb2.DiffResponse:
            return diff_response(
                self._provider.diff(
                    self._context(request.urn),
                    request.id,
                    decode(request.old_inputs),
                    decode(request.olds),
                    decode(request.news),
                    list(request.ignoreChanges),
                )
            )

        return self._guard(context, call)

    def Create(self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext) -> Any:
        def call() -> provider_pb2.CreateResponse:
            ctx = self._context(request.urn, request.timeout, request.preview)
            id_, outputs = self._provider.create(ctx, decode(request.properties))
            return provider_pb2.CreateResponse(id=id_, properties=encode(outputs))

        return self._guard(context, call)

    def Read(self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext) -> Any:
        def call() -> provider_pb2.ReadResponse:
            ctx = self._context(request.urn, request.timeout)
            found = self._provider.read(ctx, request.id, decode(request.inputs), decode(request.properties))
            if found is None:
                return provider_pb2.ReadResponse()
            id_, inputs, outputs = found
            return provider_pb2.ReadResponse(id=id_, inputs=encode(inputs), properties=encode(outputs))

        return self._guard(context, call)

    def Update(self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext) -> Any:
        def call() -> provider_pb2.UpdateResponse:
            outputs = self._provider.update(
                self._context(request.urn, request.timeout, request.preview),
                request.id,
                decode(request.old_inputs),
                decode(request.olds),
                decode(request.news),
            )
            return provider_pb2.UpdateResponse(properties=encode(outputs))

        return self._guard(context, call)

    def Delete(self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext) -> Any:
        def call() -> empty_pb2.Empty:
            ctx = self._context(request.urn, request.timeout)
            self._provider.delete(ctx, request.id, decode(request.old_inputs), decode(request.properties))
            return empty_pb2.Empty()

        return self._guard(context, call)

    def Invoke(self, request: provider_pb2.InvokeRequest, context: grpc.ServicerContext) -> Any:
        def call() -> provider_pb2.InvokeResponse:
            ctx = self._context("", preview=request.preview)
            result = self._provider.invoke(ctx, request.tok, decode(request.args))
            if isinstance(result, list):
                return provider_pb2.InvokeResponse(failures=failure_messages(result))
            response = provider_pb2.InvokeResponse()
            # The field's name is a keyword.
            getattr(response, "return").CopyFrom(encode(result))
            return response

        return self._guard(context, call)

    def _context(self, urn: str, timeout: float = 0, preview: bool = False) -> Context:
        type_, name = urn_parts(urn) if urn else ("", "")
        engine = self._log
        return Context(
            urn=urn,
            type=type_,
            name=name,
            preview=preview,
            timeout=timeout or None,
            cancelled=self.cancelled,
            log=lambda severity, message: engine.send(severity, message, urn),
            status=lambda message: engine.send("info", message, urn, ephemeral=True),
        )

    def _guard(self, context: grpc.ServicerContext, call: Callable[[], _T]) -> _T:
        try:
            return call()
        except PartialFailure as failure:
            abort_partial(context, failure)
        except PluginError as error:
            context.abort(grpc.StatusCode.UNKNOWN, str(error))
        except Exception as error:  # noqa: BLE001 - the boundary: the engine needs an answer to every call
            self._log.send("debug", traceback.format_exc())
            text = str(error) or type(error).__name__
            context.abort(
                grpc.StatusCode.UNKNOWN, f"internal error in the {self._provider.name} plugin: {text}"
            )
        raise AssertionError("abort() always raises")


def serve(provider: Provider) -> NoReturn:
    """Serve the provider to the engine whose address is the last argument; print the port; end on a signal.

    The plugin also ends when the engine does, however that happens.
    """
    if len(sys.argv) < 2:
        sys.exit(f"The {provider.name} plugin is started by the Pulumi engine, with its address as argument.")
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    parent = os.getppid()
    server = grpc.server(futures.ThreadPoolExecutor(_WORKERS), options=CHANNEL_OPTIONS)
    servicer = Servicer(provider, sys.argv[-1])
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    while not stop.wait(_PARENT_CHECK) and os.getppid() == parent:
        pass
    servicer.cancelled.set()
    server.stop(grace=0.5).wait()
    # Threads of calls that are still running must not keep the process alive.
    os._exit(0)
