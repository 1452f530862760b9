"""A plugin as the engine runs it: a process of its own, spoken to over gRPC."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from concurrent import futures
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2, provider_pb2_grpc

from local.plugins.base import Values
from local.plugins.base_values import decode, encode

ROOT = Path(__file__).parents[2]


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
    def statuses(self) -> list[str]:
        return [line.message for line in self._engine.lines if line.ephemeral]

    @property
    def logs(self) -> list[str]:
        return [line.message for line in self._engine.lines if not line.ephemeral]

    def wait_for(self, text: str, seconds: float = 30) -> None:
        """Wait until a line holds the text."""
        with self._engine.seen:
            lines = self._engine.lines
            assert self._engine.seen.wait_for(lambda: any(text in x.message for x in lines), seconds), lines

    def check(self, news: Values) -> Values:
        answer = self._call("Check", provider_pb2.CheckRequest(urn=self._urn, news=encode(news)))
        assert not answer.failures, [(f.property, f.reason) for f in answer.failures]
        return decode(answer.inputs)

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

    def changes(self, old: Values, state: Values, news: Values) -> list[str]:
        request = provider_pb2.DiffRequest(
            urn=self._urn, id="i", old_inputs=encode(old), olds=encode(state), news=encode(self.check(news))
        )
        return list(self._call("Diff", request).detailedDiff)

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

    def cancel(self) -> None:
        self._stub.Cancel(empty_pb2.Empty())

    def _call(self, method: str, request: Any) -> Any:
        try:
            return getattr(self._stub, method)(request)
        except grpc.RpcError as error:
            raise PluginFailure(error.details()) from error  # pyright: ignore[reportAttributeAccessIssue]


@contextmanager
def plugin(module: str, type_: str, env: Mapping[str, str], config: Values | None = None) -> Iterator[Plugin]:
    """Start a plugin, configure it, and end it afterwards."""
    engine = _Engine()
    server = grpc.server(futures.ThreadPoolExecutor(4))
    engine_pb2_grpc.add_EngineServicer_to_server(engine, server)
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    process = subprocess.Popen(
        [sys.executable, "-m", f"local.plugins.{module}", address],
        cwd=ROOT,
        env={**env, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        with process.stdout, grpc.insecure_channel(f"127.0.0.1:{int(process.stdout.readline())}") as channel:
            stub = provider_pb2_grpc.ResourceProviderStub(channel)
            stub.Configure(provider_pb2.ConfigureRequest(args=encode(config or {})))
            yield Plugin(stub, engine, type_)
            process.terminate()
            assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait()
        server.stop(None).wait()
