"""A plugin as the engine runs it: a process of its own, spoken to over gRPC."""

from __future__ import annotations

import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent import futures
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2, provider_pb2_grpc

from tests.e2e.plugin_values import Values, decode, encode


class PluginFailure(AssertionError):  # noqa: N818 - what the plugin answered
    """The plugin answered with an error, which is the message."""


@dataclass
class _Engine(engine_pb2_grpc.EngineServicer):
    lines: list[engine_pb2.LogRequest] = field(default_factory=list[engine_pb2.LogRequest])
    seen: threading.Condition = field(default_factory=threading.Condition)

    def Log(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        with self.seen:
            self.lines.append(request)
            self.seen.notify_all()
        return empty_pb2.Empty()


class Plugin:
    """Calls on one resource type of a running plugin."""

    def __init__(self, stub: provider_pb2_grpc.ResourceProviderStub, engine: _Engine, type_: str) -> None:
        self._stub, self._engine = stub, engine
        self._urn = f"urn:pulumi:dev::p::{type_}::thing"

    @property
    def version(self) -> str:
        return self._stub.GetPluginInfo(empty_pb2.Empty()).version

    @property
    def statuses(self) -> list[str]:
        """Lines shown beside the resource while it is worked on."""
        return [line.message for line in self._engine.lines if line.ephemeral]

    @property
    def logs(self) -> list[str]:
        """Lines that stay in the diagnostics."""
        return [line.message for line in self._engine.lines if not line.ephemeral]

    def wait_for(self, text: str, seconds: float = 30) -> str:
        """Wait for the first line that holds the text, and return it."""
        found: list[str] = []

        def there() -> bool:
            found[:] = [line.message for line in self._engine.lines if text in line.message]
            return bool(found)

        with self._engine.seen:
            assert self._engine.seen.wait_for(there, seconds), self._engine.lines
        return found[0]

    def check(self, news: Values) -> Values:
        answer = self._call("Check", provider_pb2.CheckRequest(urn=self._urn, news=encode(news)))
        assert not answer.failures, [(f.property, f.reason) for f in answer.failures]
        return decode(answer.inputs)

    def refusals(self, news: Values) -> list[tuple[str, str]]:
        """What a check finds wrong: properties and reasons."""
        answer = self._call("Check", provider_pb2.CheckRequest(urn=self._urn, news=encode(news)))
        return [(failure.property, failure.reason) for failure in answer.failures]

    def create(self, news: Values, *, preview: bool = False) -> tuple[str, Values]:
        request = provider_pb2.CreateRequest(
            urn=self._urn, properties=encode(self.check(news)), preview=preview
        )
        answer = self._call("Create", request)
        return answer.id, decode(answer.properties)

    def creating(self, news: Values) -> Any:
        """Start a create and return its future."""
        request = provider_pb2.CreateRequest(urn=self._urn, properties=encode(self.check(news)))
        return self._stub.Create.future(request)

    def update(self, old: Values, state: Values, news: Values) -> Values:
        request = provider_pb2.UpdateRequest(
            urn=self._urn, id="i", old_inputs=encode(old), olds=encode(state), news=encode(self.check(news))
        )
        return decode(self._call("Update", request).properties)

    def changes(self, old: Values, state: Values, news: Values) -> dict[str, str]:
        """The kind of each change, by property path."""
        request = provider_pb2.DiffRequest(
            urn=self._urn, id="i", old_inputs=encode(old), olds=encode(state), news=encode(self.check(news))
        )
        answer = self._call("Diff", request)
        assert (answer.changes == provider_pb2.DiffResponse.DIFF_SOME) == bool(answer.detailedDiff)
        kinds = provider_pb2.PropertyDiff.Kind
        return {path: kinds.Name(change.kind) for path, change in answer.detailedDiff.items()}

    def read(self, id_: str, inputs: Values, state: Values) -> Values | None:
        request = provider_pb2.ReadRequest(
            urn=self._urn, id=id_, inputs=encode(inputs), properties=encode(state)
        )
        answer = self._call("Read", request)
        return decode(answer.properties) if answer.id else None

    def delete(self, id_: str, inputs: Values, state: Values) -> None:
        request = provider_pb2.DeleteRequest(
            urn=self._urn, id=id_, old_inputs=encode(inputs), properties=encode(state)
        )
        self._call("Delete", request)

    def invoke(self, token: str, arguments: Values) -> Values:
        answer = self._call("Invoke", provider_pb2.InvokeRequest(tok=token, args=encode(arguments)))
        assert not answer.failures, [(f.property, f.reason) for f in answer.failures]
        return decode(getattr(answer, "return"))

    def cancel(self) -> None:
        self._stub.Cancel(empty_pb2.Empty())

    def _call(self, method: str, request: Any) -> Any:
        try:
            return getattr(self._stub, method)(request)
        except grpc.RpcError as error:
            raise PluginFailure(error.details()) from error  # pyright: ignore[reportAttributeAccessIssue]


def error_of(call: Callable[[], object]) -> str:
    """The error that a call, or a future's result, ends with."""
    try:
        call()
    except PluginFailure as error:
        return str(error)
    except grpc.RpcError as error:
        return str(error.details())  # pyright: ignore[reportAttributeAccessIssue]
    raise AssertionError("it did not fail")


def executable(env: Mapping[str, str], name: str) -> Path:
    """The plugin in the Pulumi home, of the version that the Python package asks for."""
    home = Path(env["PULUMI_HOME"])
    return home / "plugins" / f"resource-{name}-v{version(f'pulumi-{name}')}" / f"pulumi-resource-{name}"


@contextmanager
def plugin(name: str, type_: str, env: Mapping[str, str], config: Values | None = None) -> Iterator[Plugin]:
    """Start a plugin, configure it, and end it afterwards."""
    engine = _Engine()
    server = grpc.server(futures.ThreadPoolExecutor(4))
    engine_pb2_grpc.add_EngineServicer_to_server(engine, server)
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    process = subprocess.Popen(
        [str(executable(env, name)), address], env=dict(env), stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        with process.stdout, grpc.insecure_channel(f"127.0.0.1:{int(process.stdout.readline())}") as channel:
            stub = provider_pb2_grpc.ResourceProviderStub(channel)
            stub.Configure(
                provider_pb2.ConfigureRequest(
                    args=encode(config or {}),
                    acceptSecrets=True,
                    acceptResources=True,
                    sends_old_inputs=True,
                    sends_old_inputs_to_delete=True,
                )
            )
            yield Plugin(stub, engine, type_)
            process.send_signal(signal.SIGINT)  # as the engine ends it
            assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait()
        server.stop(None).wait()
