"""The face of the components: what a program imports, and the package that it comes from."""

import ast
import inspect
import re
import subprocess
import sys
import tomllib
from dataclasses import fields
from importlib.metadata import packages_distributions

import pytest

import components
from tests.support.stack_config import ROOT

FACE = ROOT / "components/__init__.py"
NAMES = [
    "ArgsError",
    "Autoscaling",
    "Canary",
    "CanaryMetrics",
    "Exposure",
    "GoImage",
    "GoImageArgs",
    "GoService",
    "GoServiceArgs",
    "Ingress",
    "Metrics",
    "Network",
    "Probes",
    "RegistryLogin",
    "Release",
    "Resources",
    "Rolling",
    "Rollout",
    "Version",
]


def typed() -> dict[str, str]:
    """Names that type checkers see, by the room that they come from."""
    nodes = ast.walk(ast.parse(FACE.read_text()))
    found = [node for node in nodes if isinstance(node, ast.ImportFrom) and node.level]
    return {str(alias.asname): str(node.module) for node in found for alias in node.names}


def loaded(code: str) -> set[str]:
    """Modules that code loads in a new interpreter."""
    shown = f"{code}\nimport sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", shown], cwd=ROOT, check=True, capture_output=True, text=True)
    return set(done.stdout.split())


def test_the_names_are_these() -> None:
    assert components.__all__ == NAMES
    assert dir(components) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_a_class_of_its_room(name: str) -> None:
    found = getattr(components, name)
    assert inspect.isclass(found)
    assert found.__name__ == name
    assert found.__module__.startswith(f"components.{typed()[name]}.")


def test_type_checkers_see_the_same_names() -> None:
    assert sorted(typed()) == NAMES


def test_another_name_is_an_error() -> None:
    with pytest.raises(AttributeError, match=r"^module 'components' has no attribute 'GoLambda'$"):
        getattr(components, "GoLambda")  # noqa: B009 pyright knows that there is none


def test_importing_the_package_loads_neither_pulumi_nor_a_room() -> None:
    modules = loaded("import components")
    assert "pulumi" not in modules
    assert {module for module in modules if module.startswith("components.")} == set()


def test_a_name_loads_no_room_that_it_does_not_need() -> None:
    modules = loaded("from components import GoImage")
    assert "pulumi" in modules
    assert {module.split(".")[1] for module in modules if module.startswith("components.")} == {
        "image",
        "shared",
    }


@pytest.mark.parametrize("name", ["GoImageArgs", "GoServiceArgs"])
def test_every_class_that_an_argument_takes_is_in_the_face(name: str) -> None:
    text = " ".join(str(field.type) for field in fields(getattr(components, name)))
    ours = {kind.rpartition(".")[2] for kind in re.findall(r"components\.[\w.]+", text)}
    assert ours <= set(NAMES)


def requirements() -> list[str]:
    """What the package requires, `pulumi>=3.272.0,<4`."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]


def test_the_package_requires_what_the_components_import() -> None:
    texts = [file.read_text() for file in FACE.parent.rglob("*.py")]
    nodes = [node for text in texts for node in ast.walk(ast.parse(text))]
    modules = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    modules |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}
    packages = {module.partition(".")[0] for module in modules} - sys.stdlib_module_names
    imported = {name.replace("_", "-") for p in packages for name in packages_distributions()[p]}
    # Its version is asked for, to run the plugin of that version.
    assert {*imported, "pulumi-kubernetes"} == {name.partition(">")[0] for name in requirements()}


def test_the_package_requires_at_least_the_versions_that_are_tested() -> None:
    pinned = re.findall(r"^([\w-]+)==(\S+)$", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    required = re.findall(r"^([\w-]+)>=([\d.]+),<\d", "\n".join(requirements()), re.MULTILINE)
    assert len(required) == len(requirements())
    assert set(required) <= set(pinned)
