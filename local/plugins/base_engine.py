"""Lines from a plugin to the engine."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Final

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

from local.plugins.base_provider import Severity

_SIZE_LIMIT: Final = 400 * 1024 * 1024  # bytes; what the engine itself allows
CHANNEL_OPTIONS: Final = [
    ("grpc.max_receive_message_length", _SIZE_LIMIT),
    ("grpc.max_send_message_length", _SIZE_LIMIT),
]
_SEVERITIES: Final[Mapping[Severity, engine_pb2.LogSeverity.ValueType]] = {
    "debug": engine_pb2.DEBUG,
    "info": engine_pb2.INFO,
    "warning": engine_pb2.WARNING,
    "error": engine_pb2.ERROR,
}


class EngineLog:
    """Lines to the engine, each tied to a resource."""

    def __init__(self, address: str) -> None:
        self._stub = engine_pb2_grpc.EngineStub(grpc.insecure_channel(address, options=CHANNEL_OPTIONS))

    def send(self, severity: Severity, message: str, urn: str = "", *, ephemeral: bool = False) -> None:
        """Send one line. It also goes to stderr where the engine can no longer be reached."""
        request = engine_pb2.LogRequest(
            severity=_SEVERITIES[severity], message=message, urn=urn, ephemeral=ephemeral
        )
        try:
            self._stub.Log(request)
        except grpc.RpcError:
            # The engine has gone: nobody shows resources any more, but its log may still be kept.
            if not ephemeral:
                sys.stderr.write(f"{severity}: {message}\n")
