"""The plugins' base: values on the wire, differences, and the server seen through a real channel."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Iterator
from concurrent import futures
from importlib.metadata import version

import grpc
import pytest
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2, provider_pb2_grpc, status_pb2

from local.plugins import base
from local.plugins.base import UNKNOWN, Archive, Asset, Change, Failure, Secret, Value, Values
from local.plugins.base_server import Servicer
from local.plugins.base_values import (
    OUTPUT_SIGNATURE,
    RESOURCE_SIGNATURE,
    SECRET_SIGNATURE,
    SIGNATURE_KEY,
    decode,
    encode,
)

URN = "urn:pulumi:dev::proj::parent:index:P$fake:index:Thing::thing"

_LEAVES: list[Value] = [None, True, False, 0, -7, 2**53, 0.5, 1e300, "", "text", "\x00é🎉", UNKNOWN]


@pytest.mark.parametrize("leaf", _LEAVES)
def test_values_round_trip(leaf: Value) -> None:
    values: Values = {
        "plain": leaf,
        "list": [leaf, [leaf], []],
        "map": {"": leaf, "a.b": {"deep": [leaf]}, "empty": {}},
        "secret": Secret({"inner": [leaf, Secret(leaf)]}),
    }
    again = decode(encode(values))
    assert again == values
    assert type(again["plain"]) is type(leaf)


@pytest.mark.parametrize(
    "value",
    [
        Asset(text="hello", hash="h1"),
        Asset(path="a/b", hash="h2"),
        Asset(hash="h3"),
        Archive(path="dir", hash="h4"),
        Archive(assets={"a": Asset(text=""), "b": Archive(uri="u", assets=None)}),
        Archive(assets={}),
    ],
)
def test_assets_round_trip(value: Value) -> None:
    assert decode(encode({"x": value})) == {"x": value}


def _special(**fields: Value) -> Values:
    return decode(encode({"x": dict(fields)}))


def test_an_output_becomes_its_value_a_secret_or_an_unknown() -> None:
    signature: dict[str, Value] = {SIGNATURE_KEY: OUTPUT_SIGNATURE}
    assert _special(**signature, value="v", dependencies=["urn"]) == {"x": "v"}
    assert _special(**signature, value="v", secret=True) == {"x": Secret("v")}
    assert _special(**signature) == {"x": UNKNOWN}
    assert _special(**signature, secret=True) == {"x": Secret(UNKNOWN)}


def test_a_secret_in_a_secret_is_one_secret() -> None:
    signature: dict[str, Value] = {SIGNATURE_KEY: SECRET_SIGNATURE}
    assert _special(**signature, value={**signature, "value": 1}) == {"x": Secret(1)}


def test_a_resource_becomes_its_id_or_urn() -> None:
    signature: dict[str, Value] = {SIGNATURE_KEY: RESOURCE_SIGNATURE}
    assert _special(**signature, urn="u", id="i") == {"x": "i"}
    assert _special(**signature, urn="u") == {"x": "u"}
    assert _special(**signature, urn="u", id="") == {"x": UNKNOWN}


def test_every_sentinel_of_the_engine_is_unknown() -> None:
    number = struct_pb2.Struct()
    number.update({"x": "3eeb2bf0-c639-47a8-9e75-3b44932eb421"})
    assert decode(number) == {"x": UNKNOWN}


def test_malformed_values_are_refused() -> None:
    with pytest.raises(ValueError, match="property 'x': a special value with the unknown signature 'zz'"):
        _special(**{SIGNATURE_KEY: "zz"})
    with pytest.raises(ValueError, match="property 'x': a secret without a value"):
        _special(**{SIGNATURE_KEY: SECRET_SIGNATURE})
    with pytest.raises(TypeError, match="property 'x': set is not a type of property values"):
        encode({"x": {1}})  # pyright: ignore[reportArgumentType]


def test_a_secret_does_not_show_its_content() -> None:
    assert "hunter2" not in repr({"a": [Secret("hunter2")]})


def test_unwrap_and_the_questions_about_values() -> None:
    value: Value = {"a": [Secret({"b": UNKNOWN})], "c": 1}
    assert base.unwrap(value) == {"a": [{"b": UNKNOWN}], "c": 1}
    assert base.is_secret(value)
    assert base.has_unknown(value)
    assert not base.is_secret({"a": [1]})
    assert not base.has_unknown(Secret("known"))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"a": 1}, {"a": 1.0}, {}),
        ({"a": 1}, {"a": True}, {"a": "update"}),
        ({"a": None}, {}, {}),
        ({"a": Secret("s")}, {"a": "s"}, {}),
        ({"a": "x"}, {"a": UNKNOWN}, {"a": "update"}),
        ({}, {"a": UNKNOWN}, {"a": "add"}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "d": 3}}, {"a.c": "delete", "a.d": "add"}),
        ({"a": [1, 2]}, {"a": [1, 3, 4]}, {"a[1]": "update", "a[2]": "add"}),
        ({"a": [1, None]}, {"a": [1]}, {"a[1]": "delete"}),
        ({"a": [1]}, {"a": {"b": 1}}, {"a": "update"}),
        (
            {"m": {"app.kubernetes.io/name": "x", 'q"': 1}},
            {"m": {"app.kubernetes.io/name": "y", 'q"': 2}},
            {'m["app.kubernetes.io/name"]': "update", 'm["q\\""]': "update"},
        ),
        ({"a": Asset(hash="h")}, {"a": Asset(text="t", hash="h")}, {}),
        ({"a": Asset(hash="h")}, {"a": Asset(text="t", hash="i")}, {"a": "update"}),
        ({"a": Asset(hash="h")}, {"a": Archive(hash="h")}, {"a": "update"}),
    ],
)
def test_differences(old: Value, new: Value, expected: dict[str, str]) -> None:
    changes = base.diff_values(old, new)
    assert {path: change.kind for path, change in changes.items()} == expected
    assert all(change.path == path for path, change in changes.items())


def test_the_prefix_and_the_top_key_of_a_path() -> None:
    changes = base.diff_values([{"image": "a"}], [{"image": "b"}], "spec.containers")
    assert list(changes) == ["spec.containers[0].image"]
    assert [base.top_key(p) for p in ("spec.a", "a[0]", "a", '["x.y"].z')] == ["spec", "a", "a", "x.y"]
    assert base.join_path("", "a-b") == '["a-b"]'


def test_a_change_can_ask_for_a_replacement() -> None:
    assert Change("update", "a").replacing() == Change("update-replace", "a")
    assert Change("add-replace", "a").replacing().kind == "add-replace"


class FakeProvider(base.Provider):
    """Echoes what it is given; the input `do` picks a misbehaviour."""

    name = "fake"
    version = "1.2.3"
    supports_autonaming = True

    def __init__(self) -> None:
        self.seen: list[base.Context] = []
        self.started = threading.Event()

    def check(self, ctx, olds, news, random_seed, autonaming):
        if "bad" in news:
            return news, [Failure("bad", "may not be set")]
        return {**news, "seed": random_seed.decode(), "auto": autonaming.name if autonaming else None}, []

    def diff(  # noqa: PLR0917 - the interface's own
        self, ctx, id, old_inputs, old_outputs, news, ignore_changes
    ):
        changes = base.diff_values(old_inputs, news)
        if "key" in changes:
            changes["key"] = changes["key"].replacing()
        return base.Diff(changes=changes, delete_before_replace="key" in changes)

    def create(self, ctx, inputs) -> tuple[str, Values]:
        self.seen.append(ctx)
        match inputs.get("do"):
            case "fail":
                raise base.PluginError("no such thing: pick another")
            case "partial":
                raise base.PartialFailure("id-1", {"half": True}, ["not ready", "image cannot be pulled"])
            case "crash":
                raise KeyError("boom")
            case "bad-output":
                return "id-1", {"x": object()}  # pyright: ignore[reportReturnType]
            case "wait":
                self.started.set()
                ctx.status("waiting")
                if not ctx.cancelled.wait(10):
                    raise AssertionError("was never cancelled")
                raise base.PluginError("interrupted")
            case _:
                ctx.log("warning", "made")
                return "id-1", inputs

    def read(self, ctx, id, inputs, state):
        return None if id == "gone" else (id, inputs, state)

    def update(self, ctx, id, old_inputs, old_outputs, news) -> Values:
        return {"from": old_inputs, "to": news}

    def delete(self, ctx, id, old_inputs, old_outputs):
        raise base.PluginError(f"cannot delete {id}")


class FakeEngine(engine_pb2_grpc.EngineServicer):
    def __init__(self) -> None:
        self.lines: list[engine_pb2.LogRequest] = []

    def Log(self, request, context):  # noqa: N802 - the protocol's name
        self.lines.append(request)
        return empty_pb2.Empty()


class Wire:
    def __init__(
        self, stub: provider_pb2_grpc.ResourceProviderStub, engine: FakeEngine, provider: FakeProvider
    ):
        self.stub, self.engine, self.provider = stub, engine, provider

    def create(self, inputs: Values, **fields):
        return self.stub.Create(provider_pb2.CreateRequest(urn=URN, properties=encode(inputs), **fields))


@pytest.fixture
def wire() -> Iterator[Wire]:
    engine, provider = FakeEngine(), FakeProvider()
    engine_server = grpc.server(futures.ThreadPoolExecutor(2))
    engine_pb2_grpc.add_EngineServicer_to_server(engine, engine_server)
    engine_port = engine_server.add_insecure_port("127.0.0.1:0")
    engine_server.start()
    server = grpc.server(futures.ThreadPoolExecutor(4))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(
        Servicer(provider, f"127.0.0.1:{engine_port}"), server
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield Wire(provider_pb2_grpc.ResourceProviderStub(channel), engine, provider)
    server.stop(None).wait()
    engine_server.stop(None).wait()


def test_the_server_says_what_it_accepts(wire: Wire) -> None:
    answer = wire.stub.Configure(provider_pb2.ConfigureRequest())
    assert (answer.acceptSecrets, answer.supportsPreview, answer.acceptResources) == (True, True, False)
    assert answer.supports_autonaming_configuration
    assert wire.stub.GetPluginInfo(empty_pb2.Empty()).version == "1.2.3"


def test_check_fills_in_and_refuses(wire: Wire) -> None:
    naming = provider_pb2.CheckRequest.AutonamingOptions(proposed_name="thing-1")
    request = provider_pb2.CheckRequest(urn=URN, news=encode({"a": 1}), randomSeed=b"s", autonaming=naming)
    assert decode(wire.stub.Check(request).inputs) == {"a": 1, "seed": "s", "auto": "thing-1"}
    refused = wire.stub.Check(provider_pb2.CheckRequest(urn=URN, news=encode({"bad": 1})))
    assert [(f.property, f.reason) for f in refused.failures] == [("bad", "may not be set")]


def test_diff_is_detailed(wire: Wire) -> None:
    request = provider_pb2.DiffRequest(
        urn=URN, id="i", old_inputs=encode({"key": 1, "a": {"b": 1}}), news=encode({"key": 2, "a": {"b": 2}})
    )
    answer = wire.stub.Diff(request)
    assert answer.changes == provider_pb2.DiffResponse.DIFF_SOME
    assert list(answer.replaces) == ["key"]
    assert answer.deleteBeforeReplace
    assert list(answer.diffs) == ["key", "a"]
    assert {path: change.kind for path, change in answer.detailedDiff.items()} == {
        "key": provider_pb2.PropertyDiff.UPDATE_REPLACE,
        "a.b": provider_pb2.PropertyDiff.UPDATE,
    }
    same = wire.stub.Diff(
        provider_pb2.DiffRequest(urn=URN, old_inputs=encode({"a": 1}), news=encode({"a": 1}))
    )
    assert same.changes == provider_pb2.DiffResponse.DIFF_NONE


def test_create_keeps_secrets_and_unknowns_and_knows_its_context(wire: Wire) -> None:
    answer = wire.create({"s": Secret({"p": "x"}), "u": UNKNOWN}, preview=True, timeout=90)
    assert decode(answer.properties) == {"s": Secret({"p": "x"}), "u": UNKNOWN}
    ctx = wire.provider.seen[0]
    assert (ctx.type, ctx.name, ctx.preview, ctx.timeout) == ("fake:index:Thing", "thing", True, 90)
    assert [(line.message, line.severity, line.urn, line.ephemeral) for line in wire.engine.lines] == [
        ("made", engine_pb2.WARNING, URN, False)
    ]


def test_update_and_read_answer(wire: Wire) -> None:
    updated = wire.stub.Update(
        provider_pb2.UpdateRequest(urn=URN, id="i", old_inputs=encode({"a": 1}), news=encode({"a": 2}))
    )
    assert decode(updated.properties) == {"from": {"a": 1}, "to": {"a": 2}}
    found = wire.stub.Read(provider_pb2.ReadRequest(urn=URN, id="i", properties=encode({"a": 1})))
    assert (found.id, decode(found.properties)) == ("i", {"a": 1})
    assert wire.stub.Read(provider_pb2.ReadRequest(urn=URN, id="gone")).id == ""


def test_a_plugin_error_reaches_the_user_as_it_is(wire: Wire) -> None:
    with pytest.raises(grpc.RpcError) as error:
        wire.create({"do": "fail"})
    assert error.value.details() == "no such thing: pick another"
    with pytest.raises(grpc.RpcError) as error:
        wire.stub.Delete(provider_pb2.DeleteRequest(urn=URN, id="i"))
    assert error.value.details() == "cannot delete i"
    with pytest.raises(grpc.RpcError) as error:
        wire.stub.Invoke(provider_pb2.InvokeRequest(tok="fake:index:f"))
    assert error.value.details() == "the fake plugin has no function 'fake:index:f'"


@pytest.mark.parametrize(
    ("do", "text"),
    [("crash", "'boom'"), ("bad-output", "property 'x': object is not a type of property values")],
)
def test_a_defect_is_named_and_its_traceback_is_only_in_the_debug_log(wire: Wire, do: str, text: str) -> None:
    with pytest.raises(grpc.RpcError) as error:
        wire.create({"do": do})
    assert error.value.details() == f"internal error in the fake plugin: {text}"
    assert wire.engine.lines[-1].severity == engine_pb2.DEBUG
    assert "Traceback" in wire.engine.lines[-1].message


def test_a_partial_failure_carries_state_and_reasons(wire: Wire) -> None:
    with pytest.raises(grpc.RpcError) as error:
        wire.create({"do": "partial"})
    metadata = {item.key: item.value for item in error.value.trailing_metadata()}
    status = status_pb2.Status.FromString(metadata["grpc-status-details-bin"])
    detail = provider_pb2.ErrorResourceInitFailed()
    assert status.details[0].Unpack(detail)
    assert detail.id == "id-1"
    assert decode(detail.properties) == {"half": True}
    assert list(detail.reasons) == ["not ready", "image cannot be pulled"]


def test_cancel_reaches_a_running_call(wire: Wire) -> None:
    running = wire.stub.Create.future(provider_pb2.CreateRequest(urn=URN, properties=encode({"do": "wait"})))
    assert wire.provider.started.wait(5)
    wire.stub.Cancel(empty_pb2.Empty())
    with pytest.raises(grpc.RpcError) as error:
        running.result(timeout=5)
    assert error.value.details() == "interrupted"
    assert [(line.message, line.ephemeral) for line in wire.engine.lines] == [("waiting", True)]


@pytest.mark.parametrize(
    ("module", "provider", "package"),
    [
        ("docker_build", "DockerBuild", "pulumi-docker-build"),
        ("docker", "DockerProvider", "pulumi-docker"),
        ("command", "Command", "pulumi-command"),
    ],
)
def test_a_stand_in_has_the_version_of_its_package(module: str, provider: str, package: str) -> None:
    made = getattr(importlib.import_module(f"local.plugins.{module}"), provider)()
    assert (made.name, made.version) == (package.removeprefix("pulumi-"), version(package))
