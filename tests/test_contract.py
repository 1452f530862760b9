"""What every component promises, checked for every class there is."""

import ast
import importlib
import inspect
import pkgutil
import re
import textwrap
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pulumi
import pytest

import components
from components import GoImage, GoImageArgs, GoService, GoServiceArgs, RegistryLogin, Release, Version
from components.shared import TOKENS
from components.strategies import Canary, CanaryTrack, CanaryTrackArgs
from tests.support.go_module import write_module
from tests.support.recording import DIGEST, Recorded, Recording, record
from tests.support.workloads import workload

IMAGE = f"ghcr.io/acme/shop@{DIGEST}"


@pytest.fixture(autouse=True)
def _with_a_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_module(tmp_path)
    monkeypatch.chdir(tmp_path)


def image_args(**values: Any) -> GoImageArgs:
    return GoImageArgs(repository="ghcr.io/acme/shop", version=Version(), **values)


# One way to build each component, with all of its children.
BUILD: dict[type[pulumi.ComponentResource], Callable[[str, pulumi.ResourceOptions | None], Any]] = {
    GoImage: lambda name, opts: GoImage(name, image_args(), opts),
    CanaryTrack: lambda name, opts: CanaryTrack(
        name,
        CanaryTrackArgs(canary=Canary(prometheus="monitoring/prometheus:9090"), workload=workload(IMAGE)),
        opts,
    ),
    GoService: lambda name, opts: GoService(
        name,
        GoServiceArgs(
            release=Release(image=IMAGE),
            name="shop",
            env={"A": "1"},
            secrets={"B": "2"},
            registry_login=RegistryLogin(host="ghcr.io", username="robot", password="hunter2"),
        ),
        opts,
    ),
}


def modules() -> list[Any]:
    """Every module of every room, but those that run when they are imported."""
    found = pkgutil.walk_packages(components.__path__, "components.")
    return [importlib.import_module(m.name) for m in found if not m.name.endswith("__main__")]


def classes() -> set[type[Any]]:
    return {
        cls
        for module in modules()
        for _, cls in inspect.getmembers(module, inspect.isclass)
        if cls.__module__ == module.__name__
    }


def built(component: type[Any], opts: pulumi.ResourceOptions | None = None) -> tuple[Recording, Recorded]:
    recording = record(lambda: void(BUILD[component]("shop", opts)))
    return recording, next(r for r in recording.resources if r.type.startswith("goservice:"))


def void(_: Any) -> None:
    """A program gives nothing back."""


def test_every_component_is_checked_here() -> None:
    assert {cls for cls in classes() if issubclass(cls, pulumi.ComponentResource)} == set(BUILD)


@pytest.mark.parametrize("component", BUILD)
def test_the_token_is_the_one_in_the_table(component: type[Any]) -> None:
    assert built(component)[1].type == TOKENS[component.__name__]


def test_tokens_never_change() -> None:
    """They are part of the state of every stack."""
    assert TOKENS == {
        "GoImage": "goservice:image:GoImage",
        "GoService": "goservice:service:GoService",
        "CanaryTrack": "goservice:canary:CanaryTrack",
    }


@pytest.mark.parametrize("component", BUILD)
def test_children_have_the_component_as_parent_and_in_their_names(component: type[Any]) -> None:
    recording, itself = built(component)
    children = [r for r in recording.resources if r.custom and r.name != "account"]
    assert children
    for child in children:
        assert child.parent == itself.urn
        assert re.fullmatch(r"shop-[a-z]+", child.name)


@pytest.mark.parametrize("component", BUILD)
def test_outputs_are_registered_and_are_the_typed_attributes(component: type[Any]) -> None:
    recording, itself = built(component)
    registered = recording.outputs[itself.urn]
    assert registered
    assert set(registered) == {name for name in component.__annotations__ if not name.startswith("_")}
    assert all(value not in (None, "", []) for value in registered.values())


@pytest.mark.parametrize("component", BUILD)
def test_options_of_the_caller_reach_the_component_alone(component: type[Any]) -> None:
    recording = record(
        lambda: void(
            BUILD[component](
                "shop", pulumi.ResourceOptions(aliases=[pulumi.Alias(name="old")], import_="given-id")
            )
        )
    )
    itself = next(r for r in recording.resources if r.type.startswith("goservice:"))
    assert itself.import_id == "given-id"
    assert "old" in itself.aliases
    for child in (r for r in recording.resources if r.custom and r.name != "account"):
        assert "old" not in child.aliases
        assert not child.import_id


@pytest.mark.parametrize("component", BUILD)
def test_the_constructor_takes_name_args_and_options(component: type[Any]) -> None:
    parameters = inspect.signature(component).parameters
    assert list(parameters) == ["name", "args", "opts"]
    assert parameters["opts"].default is None


def test_arguments_are_frozen_keyword_only_and_documented() -> None:
    # Checks are called, and stand in annotations by position.
    found = [cls for cls in classes() if is_dataclass(cls) and "__call__" not in vars(cls)]
    assert found
    for cls in found:
        assert cls.__dataclass_params__.frozen, cls
        assert all(field.kw_only for field in fields(cls)), cls
        assert cls.__doc__, cls
        if cls.__name__ not in {"Problem", "Reference"}:
            undocumented = {field.name for field in fields(cls)} - documented(cls)
            assert not undocumented, (cls, undocumented)


def documented(cls: type[Any]) -> set[str]:
    """Fields of a class, its bases included, that a docstring follows."""
    found: set[str] = set()
    for base in cls.__mro__[:-1]:
        body = ast.parse(textwrap.dedent(inspect.getsource(base))).body[0]
        assert isinstance(body, ast.ClassDef)
        for field, following in pairwise(body.body):
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and is_text(following):
                found.add(field.target.id)
    return found


def is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def test_importing_does_no_work() -> None:
    for module in modules():
        body = ast.parse(inspect.getsource(module)).body
        work = [node.lineno for node in body if isinstance(node, ast.Expr) and not is_text(node)]
        work += [node.lineno for node in body if isinstance(node, ast.For | ast.While | ast.With | ast.Try)]
        assert not work, (module.__name__, work)
