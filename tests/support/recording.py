"""Runs a program as the engine would, against a monitor that records what is registered."""

import asyncio
import contextvars
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import pulumi
from google.protobuf import json_format, struct_pb2
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.mocks import MockMonitor, MockResourceArgs, Mocks
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import set_root_resource
from pulumi.runtime.stack import run_in_stack

from components.cluster import Tracks

_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"
_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_NO_TRACKS = Tracks(stable=None, canary=None)
DIGEST = f"sha256:{'a' * 64}"


@dataclass(frozen=True, kw_only=True)
class Secret:
    """A value the engine was told to keep secret."""

    value: Any


class Unknown:
    """A value not known before the update."""


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """One registration as it went over the wire."""

    type: str
    name: str
    urn: str
    parent: str
    custom: bool
    inputs: dict[str, Any]
    dependencies: frozenset[str]
    timeout: str
    aliases: str
    import_id: str
    version: str
    plugin_url: str
    secret_outputs: frozenset[str]
    retain_on_delete: bool
    replace_on_changes: tuple[str, ...]
    hooks: dict[str, list[str]]
    """Names of hooks by when they run."""


@dataclass
class Recording:
    """All that a program registered, once it is over."""

    resources: list[Recorded] = field(default_factory=list[Recorded])
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])

    def __getitem__(self, name: str) -> Recorded:
        return next(resource for resource in self.resources if resource.name == name)

    @property
    def names(self) -> set[str]:
        return {resource.name for resource in self.resources}

    @property
    def exports(self) -> dict[str, Any]:
        stack = next(r for r in self.resources if r.type == "pulumi:pulumi:Stack")
        return self.outputs[stack.urn]


class _Monitor(MockMonitor):
    def __init__(self, *, preview: bool) -> None:
        super().__init__(_NoMocks())
        self.recording = Recording()
        self._preview = preview

    def RegisterResource(self, request: resource_pb2.RegisterResourceRequest) -> Any:  # noqa: N802
        urn = self.make_urn(request.parent, request.type, request.name)
        inputs = json_format.MessageToDict(request.object)
        self.recording.resources.append(
            Recorded(
                type=request.type,
                name=request.name,
                urn=urn,
                parent=request.parent,
                custom=request.custom,
                inputs=decode(inputs),
                dependencies=frozenset(request.dependencies),
                timeout=request.customTimeouts.create,
                aliases=str(list(request.aliases)),
                import_id=request.importId,
                version=request.version,
                plugin_url=request.pluginDownloadURL,
                secret_outputs=frozenset(request.additionalSecretOutputs),
                retain_on_delete=request.retainOnDelete,
                replace_on_changes=tuple(request.replaceOnChanges),
                hooks={when.name: list(names) for when, names in request.hooks.ListFields()},
            )
        )
        outputs = struct_pb2.Struct()
        outputs.update(inputs | self._computed(request.type, request.name, inputs))
        return resource_pb2.RegisterResourceResponse(urn=urn, id=f"{request.name}-id", object=outputs)

    def _computed(self, token: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
        """What providers add. A preview knows no digest, and names objects it will create."""
        if token.startswith("kubernetes:"):
            return {"metadata": {"name": f"{name}-0a1b2c3d", "uid": f"{name}-uid"} | inputs["metadata"]}
        if token == "docker-build:index:Image":
            # In the preview of an update the plugin says "", not that it is unknown.
            return {"digest": "" if self._preview else DIGEST}
        if self._preview:
            return {}
        if token == "command:local:Command":
            release = {"version": "v2", "image": f"ghcr.io/acme/shop@{DIGEST}"}
            record = {"verdict": "promoted", "reason": "passed 9 samples", "release": release}
            return {"stdout": json.dumps(record)}
        if token == "docker:index/image:Image":
            return {"repoDigest": f"{inputs['imageName'].rpartition(':')[0]}@{DIGEST}"}
        return {}

    def RegisterResourceOutputs(self, request: resource_pb2.RegisterResourceOutputsRequest) -> Empty:  # noqa: N802
        self.recording.outputs[request.urn] = decode(json_format.MessageToDict(request.outputs))
        return Empty()


class _NoMocks(Mocks):
    def call(self, args: Any) -> Any:
        raise AssertionError(f"the program calls {args.token}")

    def new_resource(self, args: MockResourceArgs) -> Any:
        raise AssertionError(f"the program reads {args.typ}")


def record(
    program: Callable[[], Any],
    *,
    preview: bool = False,
    stack: str = "dev",
    config: Mapping[str, str] | None = None,
    secret_keys: tuple[str, ...] = (),
    unproven: int = 0,
    tracks: Tracks = _NO_TRACKS,
) -> Recording:
    """Runs a program to its end, in a context and event loop of its own. Returns what it registered.

    unproven: releases that did not come up, as the cluster counts them. tracks: what runs, as a preview
    sees it.
    """
    monitor = _Monitor(preview=preview)

    def run() -> None:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            pulumi.runtime.set_mocks(
                _NoMocks(), project="goservice", stack=stack, preview=preview, monitor=monitor
            )
            monitor.recording = Recording()
            set_root_resource(None)  # type: ignore[arg-type]
            pulumi.runtime.set_all_config(dict(config or {}), list(secret_keys))
            with (
                patch("components.strategies.stable.count_unproven", lambda *_: unproven),
                patch("components.strategies.canary.preflight.find_tracks", lambda *_: tracks),
            ):
                loop.run_until_complete(run_in_stack(program))
            loop.run_until_complete(loop.shutdown_default_executor())
        finally:
            asyncio.set_event_loop(None)
            loop.close()

    contextvars.copy_context().run(run)
    return monitor.recording


def decode(value: Any) -> Any:
    """A value off the wire: secrets and unknowns marked, whole numbers as integers."""
    if isinstance(value, dict):
        if value.get(_SIGNATURE) == _SECRET:
            return Secret(value=decode(value["value"]))
        return {key: decode(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [decode(entry) for entry in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return Unknown() if value == _UNKNOWN else value


def clear_strings(value: Any) -> Iterator[str]:
    """All strings within a value that are not secret."""
    if isinstance(value, dict):
        for key, entry in value.items():
            yield key
            yield from clear_strings(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from clear_strings(entry)
    elif not isinstance(value, Secret | Unknown):
        yield value if isinstance(value, str) else json.dumps(value)
